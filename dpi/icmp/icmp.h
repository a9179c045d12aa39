// ICMP (RFC 792) and ICMPv6 (RFC 4443) with neighbour discovery (RFC 4861): what stands behind type and code.
#pragma once

#include <array>
#include <optional>
#include <string_view>

#include "sensor/base/byte_reader.h"
#include "sensor/net/ip_address.h"

namespace sensor::icmp {

struct Echo {
  bool request = false;
  uint16_t id = 0, sequence = 0;
};

/// The packet that an error is about. Ports are 0 where the protocol has none, or the quotation none.
struct Quoted {
  IpAddress src, dst;
  uint16_t src_port = 0, dst_port = 0;
  uint8_t ip_proto = 0;
};

struct Message {
  std::optional<Echo> echo;
  std::optional<Quoted> quoted;
  std::optional<uint32_t> mtu;                         // of the link that the packet did not fit
  std::optional<IpAddress> gateway;                    // redirect: who should have been asked
  std::optional<IpAddress> target;                     // neighbour discovery: the address in question; ICMPv6 redirect: the destination
  std::optional<std::array<uint8_t, 6>> link_address;  // neighbour discovery: the Ethernet address that an option names
};

/// `rest` is the second word of the header, `payload` what follows it. What is cut short or malformed is left out.
Message parse(bool v6, uint8_t type, uint8_t code, uint32_t rest, Bytes payload);

/// A type's name by IANA's registries, in lower case; empty where they have none.
std::string_view type_name(bool v6, uint8_t type);

}  // namespace sensor::icmp
