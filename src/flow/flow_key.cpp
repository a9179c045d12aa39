#include "flow_key.h"

#include <algorithm>
#include <bit>
#include <optional>

namespace sensor {

namespace {

/// The type that answers, or is answered by, this one: RFC 792, 950, 1256.
std::optional<uint8_t> icmp4_counterpart(uint8_t type) {
  switch (type) {
    case 8:
      return 0;  // echo
    case 0:
      return 8;
    case 13:
      return 14;  // timestamp
    case 14:
      return 13;
    case 15:
      return 16;  // information
    case 16:
      return 15;
    case 10:
      return 9;  // router solicitation, advertisement
    case 9:
      return 10;
    case 17:
      return 18;  // address mask
    case 18:
      return 17;
    default:
      return std::nullopt;
  }
}

/// RFC 4443, 4861, 2710, 4620, 6275.
std::optional<uint8_t> icmp6_counterpart(uint8_t type) {
  switch (type) {
    case 128:
      return 129;  // echo
    case 129:
      return 128;
    case 133:
      return 134;  // router solicitation, advertisement
    case 134:
      return 133;
    case 135:
      return 136;  // neighbour solicitation, advertisement
    case 136:
      return 135;
    case 130:
      return 131;  // multicast listener query, report
    case 131:
      return 130;
    case 139:
      return 140;  // node information
    case 140:
      return 139;
    case 144:
      return 145;  // home agent address discovery
    case 145:
      return 144;
    default:
      return std::nullopt;
  }
}

uint64_t ordered(uint64_t as_in_memory) {
  return std::endian::native == std::endian::little ? __builtin_bswap64(as_in_memory) : as_in_memory;
}

bool before(const IpAddress& a, uint16_t a_port, const IpAddress& b, uint16_t b_port) {
  if (a.hi() != b.hi()) return ordered(a.hi()) < ordered(b.hi());
  if (a.lo() != b.lo()) return ordered(a.lo()) < ordered(b.lo());
  return a_port < b_port;
}

// The ports that Zeek's scripts declare as those of servers, sorted.
constexpr auto kTcpServerPorts = std::to_array<uint16_t>(
    {21,  22,  25,  53,   79,   80,   81,   88,   135,  139,  143,  389,  443,  445,  502,  563,  585,  587,  614,  631,  636,  989,  990,
     992, 993, 995, 1080, 1883, 2811, 3128, 3268, 3389, 5222, 5223, 5269, 5432, 6379, 6666, 6667, 6668, 6669, 8000, 8080, 8888, 20000});
constexpr auto kUdpServerPorts = std::to_array<uint16_t>(
    {53, 67, 88, 123, 137, 161, 162, 389, 443, 514, 1812, 2123, 2152, 3389, 3544, 4789, 5060, 5072, 5353, 5355, 6081, 20000});
static_assert(std::is_sorted(kTcpServerPorts.begin(), kTcpServerPorts.end()));
static_assert(std::is_sorted(kUdpServerPorts.begin(), kUdpServerPorts.end()));

}  // namespace

void set_key(const DecodedPacket& p, PacketKey& k) {
  uint16_t src_port = p.tuple.src_port, dst_port = p.tuple.dst_port;
  bool one_way = false;
  if (p.transport == Transport::Icmp) {
    const auto answer = p.tuple.ip_proto == ipproto::kIcmpv6 ? icmp6_counterpart(p.icmp_type) : icmp4_counterpart(p.icmp_type);
    src_port = p.icmp_type;
    dst_port = answer.value_or(p.icmp_code);
    one_way = !answer.has_value();
  } else if (p.transport == Transport::Unknown) {
    src_port = dst_port = 0;
  }
  // Equal ends keep the packet's order: then both directions are the originator's, as in Zeek.
  const bool swap = !one_way && before(p.tuple.dst, dst_port, p.tuple.src, src_port);
  k.src_is_second = swap;
  k.key.addr[0] = swap ? p.tuple.dst : p.tuple.src;
  k.key.addr[1] = swap ? p.tuple.src : p.tuple.dst;
  k.key.port[0] = swap ? dst_port : src_port;
  k.key.port[1] = swap ? src_port : dst_port;
  k.key.ip_proto = p.tuple.ip_proto;
  k.key.vlan_id = 0;
}

bool is_likely_server_port(Transport transport, uint16_t port) {
  if (transport == Transport::Tcp) return std::binary_search(kTcpServerPorts.begin(), kTcpServerPorts.end(), port);
  if (transport == Transport::Udp) return std::binary_search(kUdpServerPorts.begin(), kUdpServerPorts.end(), port);
  return false;
}

}  // namespace sensor
