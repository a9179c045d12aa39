#include "dpi/arp/arp.h"

#include <algorithm>

namespace sensor::arp {
namespace {

constexpr uint16_t kEthernet = 1, kIpv4 = 0x0800;
constexpr uint8_t kIpv4Length = 4;

MacAddress mac(ByteReader& in) {
  MacAddress m{};
  const Bytes b = in.bytes(m.size());
  std::ranges::copy(b, m.begin());
  return m;
}

}  // namespace

std::optional<Message> parse(Bytes packet) {
  ByteReader in(packet);
  const bool known = in.u16() == kEthernet && in.u16() == kIpv4 && in.u8() == MacAddress{}.size() && in.u8() == kIpv4Length;
  Message m;
  m.operation = in.u16();
  m.sender_mac = mac(in);
  m.sender = IpAddress::v4(in.u32());
  m.target_mac = mac(in);
  m.target = IpAddress::v4(in.u32());
  return known && in.ok() ? std::optional(m) : std::nullopt;
}

std::string_view operation_name(uint16_t operation) {
  switch (operation) {
    case 1:
      return "request";
    case 2:
      return "reply";
    case Message::kReverseRequest:
      return "reverse request";
    case 4:
      return "reverse reply";
    case 8:
      return "inverse request";
    case 9:
      return "inverse reply";
    default:
      return {};
  }
}

}  // namespace sensor::arp
