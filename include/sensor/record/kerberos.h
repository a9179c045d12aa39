// kerberos.log: requests for tickets, and what became of them.
#pragma once

#include <optional>
#include <string>

#include "sensor/record/schema.h"

namespace sensor {

struct KerberosRecord : ConnHeader {
  std::optional<std::string_view> request_type;
  std::optional<std::string> client, service;
  std::optional<bool> success;
  std::optional<std::string> error_msg;
  std::optional<FarTime> from, till;
  std::optional<std::string> cipher;
  std::optional<bool> forwardable, renewable;
  std::optional<std::string> client_cert_subject;
  std::optional<Uid> client_cert_fuid;
  std::optional<std::string> server_cert_subject;
  std::optional<Uid> server_cert_fuid;
};

template <>
struct LogSchema<KerberosRecord> {
  using R = KerberosRecord;
  static constexpr std::string_view path = "kerberos";
  static constexpr std::string_view doc = "Requests for Kerberos tickets, and what became of them.";
  static constexpr auto fields = std::tuple_cat(
      conn_header_fields("time of the first message"),
      std::make_tuple(field("request_type", &R::request_type, "AS: for a first ticket, TGS: for one more by means of it"),
                      field("client", &R::client, "who asks, with the realm"), field("service", &R::service, "what the ticket is for"),
                      field("success", &R::success, "whether a ticket was given"),
                      field("error_msg", &R::error_msg, "why not, in the server's words or by the number of its error"),
                      field("from", &R::from, "from when the ticket is to be valid"),
                      field("till", &R::till, "till when it is to be valid"),
                      field("cipher", &R::cipher, "what the ticket is encrypted with"),
                      field("forwardable", &R::forwardable, "whether a forwardable ticket is asked for"),
                      field("renewable", &R::renewable, "whether a renewable ticket is asked for"),
                      field("client_cert_subject", &R::client_cert_subject, "subject of the client's certificate"),
                      field("client_cert_fuid", &R::client_cert_fuid, "file of the client's certificate"),
                      field("server_cert_subject", &R::server_cert_subject, "subject of the server's certificate"),
                      field("server_cert_fuid", &R::server_cert_fuid, "file of the server's certificate"), community_id_field()));
};

}  // namespace sensor
