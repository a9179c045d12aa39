#include "dpi/icmp/icmp.h"

#include <algorithm>

#include "sensor/net/packet.h"

namespace sensor::icmp {
namespace {

enum V4 : uint8_t {
  kEchoReply = 0,
  kUnreachable = 3,
  kSourceQuench = 4,
  kRedirect = 5,
  kEchoRequest = 8,
  kTimeExceeded = 11,
  kParameter = 12
};
constexpr uint8_t kFragmentationNeeded = 4;  // code of kUnreachable (RFC 1191 section 4)
enum V6 : uint8_t {
  kUnreachable6 = 1,
  kTooBig6 = 2,
  kParameter6 = 4,
  kEchoRequest6 = 128,
  kEchoReply6 = 129,
  kRouterSolicitation = 133,
  kRouterAdvertisement = 134,
  kNeighbourSolicitation = 135,
  kNeighbourAdvertisement = 136,
  kRedirect6 = 137,
};
constexpr size_t kAddressBytes = 16;

std::optional<IpAddress> address(ByteReader& in) {
  const Bytes b = in.bytes(kAddressBytes);
  return in.ok() ? std::optional(IpAddress::from_bytes(b)) : std::nullopt;
}

/// Ports, for the transports that begin with them.
void read_ports(ByteReader& in, Quoted& q) {
  constexpr uint8_t kSctp = 132;
  if (q.ip_proto != ipproto::kTcp && q.ip_proto != ipproto::kUdp && q.ip_proto != kSctp) return;
  const uint16_t src = in.u16(), dst = in.u16();
  if (!in) return;
  q.src_port = src;
  q.dst_port = dst;
}

std::optional<Quoted> quoted_v4(Bytes packet) {
  ByteReader in(packet);
  const uint8_t version_and_length = in.u8();
  in.skip(5);
  const uint16_t fragment = in.u16();
  in.skip(1);
  Quoted q;
  q.ip_proto = in.u8();
  in.skip(2);
  q.src = IpAddress::v4(in.u32());
  q.dst = IpAddress::v4(in.u32());
  const size_t header = size_t{version_and_length & 15U} * 4;
  if (!in || version_and_length >> 4 != 4 || header < in.position()) return std::nullopt;
  in.skip(header - in.position());
  if ((fragment & 0x1fff) == 0) read_ports(in, q);
  return q;
}

std::optional<Quoted> quoted_v6(Bytes packet) {
  ByteReader in(packet);
  const uint8_t version = in.u8() >> 4;
  in.skip(5);
  Quoted q;
  q.ip_proto = in.u8();
  in.skip(1);
  const auto src = address(in), dst = address(in);
  if (!src || !dst || version != 6) return std::nullopt;
  q.src = *src;
  q.dst = *dst;
  read_ports(in, q);
  return q;
}

/// RFC 4861 section 4.6.1: the source's or the target's link-layer address.
void read_link_address(ByteReader& in, Message& m) {
  constexpr uint8_t kSource = 1, kTarget = 2, kEthernetOption = 1;
  while (!in.empty()) {
    const uint8_t type = in.u8(), length = in.u8();
    const Bytes value = in.bytes(length == 0 ? in.remaining() + 1 : size_t{length} * 8 - 2);
    if (!in) return;
    if ((type != kSource && type != kTarget) || length != kEthernetOption) continue;
    std::ranges::copy(value, m.link_address.emplace().begin());
    return;
  }
}

void neighbour_discovery(uint8_t type, Bytes payload, Message& m) {
  ByteReader in(payload);
  if (type == kRedirect6) {
    m.gateway = address(in);
    m.target = address(in);
  } else if (type == kNeighbourSolicitation || type == kNeighbourAdvertisement) {
    m.target = address(in);
  } else if (type == kRouterAdvertisement) {
    in.skip(8);  // how long neighbours stay reachable, and how often they are asked
  }
  read_link_address(in, m);
}

Message parse_v4(uint8_t type, uint8_t code, uint32_t rest, Bytes payload) {
  Message m;
  switch (type) {
    case kEchoRequest:
    case kEchoReply:
      m.echo = {type == kEchoRequest, static_cast<uint16_t>(rest >> 16), static_cast<uint16_t>(rest)};
      break;
    case kRedirect:
      m.gateway = IpAddress::v4(rest);
      m.quoted = quoted_v4(payload);
      break;
    case kUnreachable:
      if (code == kFragmentationNeeded && (rest & 0xffff) != 0) m.mtu = rest & 0xffff;
      m.quoted = quoted_v4(payload);
      break;
    case kSourceQuench:
    case kTimeExceeded:
    case kParameter:
      m.quoted = quoted_v4(payload);
      break;
    default:
      break;
  }
  return m;
}

Message parse_v6(uint8_t type, uint32_t rest, Bytes payload) {
  Message m;
  if (type == kEchoRequest6 || type == kEchoReply6) {
    m.echo = {type == kEchoRequest6, static_cast<uint16_t>(rest >> 16), static_cast<uint16_t>(rest)};
  } else if (type >= kUnreachable6 && type <= kParameter6) {
    if (type == kTooBig6) m.mtu = rest;
    m.quoted = quoted_v6(payload);
  } else if (type >= kRouterSolicitation && type <= kRedirect6) {
    neighbour_discovery(type, payload, m);
  }
  return m;
}

struct TypeName {
  uint8_t type;
  std::string_view name;
};
constexpr TypeName kNames[] = {
    {0, "echo reply"},
    {3, "destination unreachable"},
    {4, "source quench"},
    {5, "redirect"},
    {8, "echo request"},
    {9, "router advertisement"},
    {10, "router solicitation"},
    {11, "time exceeded"},
    {12, "parameter problem"},
    {13, "timestamp request"},
    {14, "timestamp reply"},
    {15, "information request"},
    {16, "information reply"},
    {17, "address mask request"},
    {18, "address mask reply"},
    {40, "photuris"},
    {42, "extended echo request"},
    {43, "extended echo reply"},
};
constexpr TypeName kNames6[] = {
    {1, "destination unreachable"},
    {2, "packet too big"},
    {3, "time exceeded"},
    {4, "parameter problem"},
    {128, "echo request"},
    {129, "echo reply"},
    {130, "multicast listener query"},
    {131, "multicast listener report"},
    {132, "multicast listener done"},
    {133, "router solicitation"},
    {134, "router advertisement"},
    {135, "neighbour solicitation"},
    {136, "neighbour advertisement"},
    {137, "redirect"},
    {138, "router renumbering"},
    {141, "inverse neighbour solicitation"},
    {142, "inverse neighbour advertisement"},
    {143, "version 2 multicast listener report"},
    {160, "extended echo request"},
    {161, "extended echo reply"},
};

}  // namespace

Message parse(bool v6, uint8_t type, uint8_t code, uint32_t rest, Bytes payload) {
  return v6 ? parse_v6(type, rest, payload) : parse_v4(type, code, rest, payload);
}

std::string_view type_name(bool v6, uint8_t type) {
  const std::span<const TypeName> names = v6 ? std::span<const TypeName>(kNames6) : kNames;
  const auto it = std::ranges::find(names, type, &TypeName::type);
  return it == names.end() ? std::string_view{} : it->name;
}

}  // namespace sensor::icmp
