// ssl.log: what a TLS, DTLS or SSL handshake shows before encryption begins.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sensor/record/schema.h"

namespace sensor {

struct SslRecord : ConnHeader {
  std::optional<std::string> version;
  std::optional<std::string> cipher;
  std::optional<std::string> curve;
  std::optional<std::string> server_name;
  bool resumed = false;
  std::optional<std::string> last_alert;
  std::optional<std::string> next_protocol;
  bool established = false;
  std::string ssl_history;
  std::optional<std::vector<std::string>> cert_chain_fps;
  std::optional<std::vector<std::string>> client_cert_chain_fps;
  std::optional<bool> sni_matches_cert;
  std::optional<std::string> ja3, ja3s, ja4;
  Uid cert_fuid;  // of the server's own certificate, for notices
};

template <>
struct LogSchema<SslRecord> {
  using R = SslRecord;
  static constexpr std::string_view path = "ssl";
  static constexpr std::string_view doc = "TLS, DTLS and SSL handshakes, one row per connection.";
  static constexpr auto fields = std::tuple_cat(
      conn_header_fields("when the first record was seen"),
      std::make_tuple(
          field("version", &R::version, "protocol version that the server chose"),
          field("cipher", &R::cipher, "cipher suite that the server chose"),
          field("curve", &R::curve, "group of the key exchange that the server chose"),
          field("server_name", &R::server_name, "host name the client asked for (SNI)"),
          field("resumed", &R::resumed, "whether keys of an earlier connection were used again"),
          field("last_alert", &R::last_alert, "last alert that was not encrypted"),
          field("next_protocol", &R::next_protocol, "application protocol that the server chose (ALPN)"),
          field("established", &R::established, "whether the handshake came to its end"),
          field("ssl_history", &R::ssl_history, "one letter per message in order, the client's in upper case"),
          field("cert_chain_fps", &R::cert_chain_fps, "SHA-256 of the server's certificates in the order sent"),
          field("client_cert_chain_fps", &R::client_cert_chain_fps, "SHA-256 of the client's certificates in the order sent"),
          field("sni_matches_cert", &R::sni_matches_cert, "whether the server's certificate names the host the client asked for"),
          community_id_field(), field("ja3", &R::ja3, "JA3 of the client's first hello"),
          field("ja3s", &R::ja3s, "JA3S of the server's hello"), field("ja4", &R::ja4, "JA4 of the client's first hello"),
          hidden_field("cert_fuid", &R::cert_fuid, "file of the server's own certificate")));
};

}  // namespace sensor
