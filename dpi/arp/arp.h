// Address resolution (RFC 826), reverse (RFC 903) and inverse, for IPv4 over Ethernet.
#pragma once

#include <array>
#include <optional>
#include <string_view>

#include "sensor/base/byte_reader.h"
#include "sensor/net/ip_address.h"

namespace sensor::arp {

using MacAddress = std::array<uint8_t, 6>;

struct Message {
  uint16_t operation = 0;
  MacAddress sender_mac{}, target_mac{};
  IpAddress sender, target;

  /// The sender tells everybody its own address (RFC 5227 section 3).
  bool announces() const { return sender == target && sender != IpAddress::v4(0); }
  /// The message says at which hardware address the sender is: not so a probe (RFC 5227 section 1.1), nor one that asks for its own
  /// address (RFC 903).
  bool claims() const { return operation != kReverseRequest && sender != IpAddress::v4(0); }

  static constexpr uint16_t kReverseRequest = 3;
};

/// Nothing when it is cut short, or about other addresses than IPv4's over Ethernet.
std::optional<Message> parse(Bytes packet);

/// "request", "reply" … by IANA's registry of ARP operation codes; empty where it has none.
std::string_view operation_name(uint16_t operation);

}  // namespace sensor::arp
