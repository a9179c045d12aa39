// ntlm.log: logins by NTLM, in whatever protocol.
#pragma once

#include <optional>
#include <string>

#include "sensor/record/schema.h"

namespace sensor {

struct NtlmRecord : ConnHeader {
  std::optional<std::string> username, hostname, domainname;
  std::optional<std::string> server_nb_computer_name, server_dns_computer_name, server_tree_name;
  std::optional<bool> success;
};

template <>
struct LogSchema<NtlmRecord> {
  using R = NtlmRecord;
  static constexpr std::string_view path = "ntlm";
  static constexpr std::string_view doc = "Logins by NTLM.";
  static constexpr auto fields = std::tuple_cat(
      conn_header_fields("time of the first NTLM message"),
      std::make_tuple(field("username", &R::username, "user who logs in"), field("hostname", &R::hostname, "client's name of itself"),
                      field("domainname", &R::domainname, "user's domain"),
                      field("server_nb_computer_name", &R::server_nb_computer_name, "server's NetBIOS name"),
                      field("server_dns_computer_name", &R::server_dns_computer_name, "server's DNS name"),
                      field("server_tree_name", &R::server_tree_name, "DNS name of the server's forest"),
                      field("success", &R::success, "whether the server accepted the login, where GSSAPI told"), community_id_field()));
};

}  // namespace sensor
