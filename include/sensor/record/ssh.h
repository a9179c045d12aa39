// ssh.log: SSH connections, what they agreed on, and whether the login seems to have succeeded.
#pragma once

#include <optional>

#include "sensor/record/schema.h"

namespace sensor {

struct SshRecord : ConnHeader {
  std::optional<uint64_t> version;
  std::optional<bool> auth_success;
  uint64_t auth_attempts = 0;
  std::optional<EnumName> direction;
  std::optional<std::string> client, server;
  std::optional<std::string> cipher_alg, mac_alg, compression_alg, kex_alg, host_key_alg, host_key;
  std::optional<std::string> hassh, hassh_server;
};

template <>
struct LogSchema<SshRecord> {
  using R = SshRecord;
  static constexpr std::string_view path = "ssh";
  static constexpr std::string_view doc = "SSH connections, what they agreed on, and whether the login seems to have succeeded.";
  static constexpr auto fields = std::tuple_cat(
      conn_header_fields("time of the first identification"),
      std::make_tuple(
          field("version", &R::version, "version that both sides speak: 1 or 2"),
          field("auth_success", &R::auth_success, "whether the login succeeded, by the sizes of encrypted segments"),
          field("auth_attempts", &R::auth_attempts, "attempts to log in, by the same"),
          field("direction", &R::direction, "INBOUND or OUTBOUND, where exactly one of the hosts is in a local network"),
          field("client", &R::client, "identification of the client"), field("server", &R::server, "identification of the server"),
          field("cipher_alg", &R::cipher_alg, "cipher agreed on"), field("mac_alg", &R::mac_alg, "message authentication agreed on"),
          field("compression_alg", &R::compression_alg, "compression agreed on"), field("kex_alg", &R::kex_alg, "key exchange agreed on"),
          field("host_key_alg", &R::host_key_alg, "kind of host key agreed on"), field("host_key", &R::host_key, "MD5 of the server's key"),
          community_id_field(), field("hassh", &R::hassh, "HASSH of the client's offer"),
          field("hassh_server", &R::hassh_server, "HASSH of the server's offer")));
};

}  // namespace sensor
