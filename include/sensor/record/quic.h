// quic.log: QUIC connections, as far as their beginnings show.
#pragma once

#include <optional>
#include <string>

#include "sensor/record/schema.h"

namespace sensor {

struct QuicRecord : ConnHeader {
  std::string version;
  std::optional<std::string> client_initial_dcid;
  std::optional<std::string> client_scid;
  std::optional<std::string> server_scid;
  std::optional<std::string> server_name;
  std::optional<std::string> client_protocol;
  std::string history;
  std::optional<std::string> ja3, ja3s, ja4;
};

template <>
struct LogSchema<QuicRecord> {
  using R = QuicRecord;
  static constexpr std::string_view path = "quic";
  static constexpr std::string_view doc = "QUIC connections, as far as their beginnings show.";
  static constexpr auto fields = std::tuple_cat(
      conn_header_fields("when the first packet was seen"),
      std::make_tuple(field("version", &R::version, "version of the first packet"),
                      field("client_initial_dcid", &R::client_initial_dcid, "destination id of the client's first packet"),
                      field("client_scid", &R::client_scid, "source id of the client's packets"),
                      field("server_scid", &R::server_scid, "source id of the server's packets"),
                      field("server_name", &R::server_name, "host name the client asked for (SNI)"),
                      field("client_protocol", &R::client_protocol, "first application protocol the client offered (ALPN)"),
                      field("history", &R::history, "one letter per packet with a long header, the client's in upper case"),
                      community_id_field(), field("ja3", &R::ja3, "JA3 of the client's first hello"),
                      field("ja3s", &R::ja3s, "JA3S of the server's hello"), field("ja4", &R::ja4, "JA4 of the client's first hello")));
};

}  // namespace sensor
