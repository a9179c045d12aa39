// SOCKS 4, 4A and 5 (RFC 1928, RFC 1929): the messages that open a proxy's tunnel.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "sensor/base/byte_reader.h"
#include "sensor/net/ip_address.h"

namespace sensor::socks {

/// Longer beginnings of a message are none.
inline constexpr size_t kMaxMessage = 1024;

enum class Status : uint8_t { Ok, NeedMore, Malformed };

/// Where a tunnel goes: an address, a name, or with SOCKS 4A both.
struct Address {
  std::optional<IpAddress> host;
  std::optional<std::string_view> name;
};
struct Endpoint {
  uint8_t code = 0;      // command of a request, status of a reply
  uint8_t reserved = 0;  // SOCKS 5: to be 0
  Address address;
  uint16_t port = 0;
};
struct Credentials {
  uint8_t version = 0;  // only 1 is known
  std::string_view user, password;
};

// Each reads one whole message from the beginning of the reader's bytes, and leaves the reader behind it when it is Ok.
Status parse_v4_request(ByteReader& r, Endpoint& out);
Status parse_v4_reply(ByteReader& r, Endpoint& out);
/// The methods a client offers are passed over.
Status parse_methods(ByteReader& r);
Status parse_method_choice(ByteReader& r, uint8_t& method);
Status parse_credentials(ByteReader& r, Credentials& out);
Status parse_credentials_reply(ByteReader& r, uint8_t& version, uint8_t& status);
/// A request or a reply.
Status parse_v5(ByteReader& r, Endpoint& out);

/// The text of a reply's status, as Zeek has it; empty: none.
std::string_view v4_status(uint8_t code);
std::string_view v5_status(uint8_t code);

enum class Match : uint8_t { No, Unsure, Yes };
/// Whether the first bytes of a client and of a server are SOCKS 4 or 5.
Match looks_like(Bytes client, Bytes server);

}  // namespace sensor::socks
