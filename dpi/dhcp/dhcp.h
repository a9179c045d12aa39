// DHCP messages (RFC 2131, options: RFC 2132).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "sensor/base/byte_reader.h"
#include "sensor/net/ip_address.h"

namespace sensor::dhcp {

/// Option 61: how the client wants to be told apart.
struct ClientIdentifier {
  uint8_t hardware_type = 0;  // 1: Ethernet
  Bytes value;
};

/// Views of the datagram. Of options that come twice the last one counts, but the first message type.
struct Message {
  uint8_t type = 0;  // option 53; 0: none (BOOTP)
  uint32_t transaction = 0;
  IpAddress assigned;                                                         // yiaddr; 0.0.0.0: none
  Bytes client_hardware;                                                      // chaddr, all 16 bytes
  std::optional<std::string_view> host_name, domain_name, text, client_fqdn;  // options 12, 15, 56, 81
  std::optional<IpAddress> requested;                                         // option 50
  std::optional<uint32_t> lease_s;                                            // option 51
  std::optional<ClientIdentifier> client_id;                                  // option 61
};

/// Malformed: cut short, or the options have no end. NoDhcp: something else follows BOOTP's header.
enum class Parsed : uint8_t { Message, NoDhcp, Malformed };
Parsed parse(Bytes datagram, Message& out);

/// Whether a datagram is a DHCP message, by the cookie behind BOOTP's header.
bool looks_like_message(Bytes datagram);

/// "DISCOVER" and so on, "unknown-message-type-99" where there is no name.
std::string type_name(uint8_t type);
/// "00:0b:82:01:fc:42" of six bytes, or of eight where the last two are not 0; empty when there are fewer.
std::string hardware_address(Bytes bytes);

}  // namespace sensor::dhcp
