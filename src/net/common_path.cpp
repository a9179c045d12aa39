// The packets that make up most traffic, in one straight line.
#include <cstring>

#include "src/net/headers.h"

namespace sensor {
namespace {

constexpr size_t kEthernetHeader = 14, kIpv4End = kEthernetHeader + kIpv4HeaderMin;
constexpr uint8_t kHeadersRead = 3;  // Ethernet, IPv4, transport

/// The Ethernet and IPv4 headers. False when they are not of the common kind.
bool read_ipv4(const PacketView& packet, bool ignore_checksums, DecodedPacket& out, uint16_t& total_len) {
  constexpr uint16_t kIpv4Type = 0x0800, kFragmentBits = 0x3fff;
  constexpr uint8_t kNoOptions = 0x45;
  ByteReader r(packet.data.first(kIpv4End));
  const Bytes dst_mac = r.bytes(6), src_mac = r.bytes(6);
  if (r.u16() != kIpv4Type || r.u8() != kNoOptions) return false;
  r.skip(1);
  total_len = r.u16();
  r.skip(2);
  if ((r.u16() & kFragmentBits) != 0) return false;
  const size_t end = kEthernetHeader + size_t{total_len};
  if (end > packet.data.size() || end > packet.wire_len) return false;
  if (!ignore_checksums && !checksum_valid(ones_sum(packet.data.subspan(kEthernetHeader, kIpv4HeaderMin)))) return false;
  out.ttl = r.u8();
  out.tuple.ip_proto = r.u8();
  r.skip(2);
  out.tuple.src = IpAddress::v4(r.u32());
  out.tuple.dst = IpAddress::v4(r.u32());
  std::memcpy(out.dst_mac.data(), dst_mac.data(), 6);
  std::memcpy(out.src_mac.data(), src_mac.data(), 6);
  return true;
}

bool read_tcp(Bytes segment, bool ignore_checksums, DecodedPacket& out) {
  if (segment.size() < kTcpHeaderMin) return false;
  ByteReader r(segment.first(kTcpHeaderMin));
  read_tcp_header(r, out);
  const size_t header_len = out.tcp.header_len;
  if (header_len < kTcpHeaderMin || header_len > segment.size()) return false;
  if (!ignore_checksums && !transport_checksum_valid(out, true, ipproto::kTcp, segment)) return false;
  if ((out.tcp.flags & tcpflag::kSyn) != 0) read_tcp_options(segment.subspan(kTcpHeaderMin, header_len - kTcpHeaderMin), out.tcp);
  out.transport = Transport::Tcp;
  out.udp_len = -1;
  out.payload = segment.subspan(header_len);
  return true;
}

bool read_udp(Bytes segment, bool ignore_checksums, DecodedPacket& out) {
  if (segment.size() < kUdpHeader) return false;
  ByteReader r(segment.first(kUdpHeader));
  const uint16_t checksum = read_udp_header(r, out);
  if (static_cast<size_t>(out.udp_len) != segment.size()) return false;
  if (checksum != 0 && !ignore_checksums && !transport_checksum_valid(out, true, ipproto::kUdp, segment)) return false;
  out.transport = Transport::Udp;
  out.payload = segment.subspan(kUdpHeader);
  return true;
}

}  // namespace

bool decode_common(const PacketView& packet, bool ignore_checksums, DecodedPacket& out) {
  if (packet.link != LinkType::Ethernet || packet.data.size() < kIpv4End) return false;
  uint16_t total_len = 0;
  if (!read_ipv4(packet, ignore_checksums, out, total_len) || total_len < kIpv4HeaderMin) return false;
  const Bytes segment = packet.data.subspan(kIpv4End, total_len - kIpv4HeaderMin);
  switch (out.tuple.ip_proto) {
    case ipproto::kTcp:
      if (!read_tcp(segment, ignore_checksums, out)) return false;
      break;
    case ipproto::kUdp:
      // Where the capture counts more than it holds, Zeek does not verify UDP's checksum: left to the long way.
      if (packet.wire_len > packet.data.size() || !read_udp(segment, ignore_checksums, out)) return false;
      break;
    default:
      return false;
  }
  out.ts_ns = packet.ts_ns;
  out.checksum_ok = true;
  out.tcp_cut = out.is_fragment = false;
  out.has_mac = true;
  out.ip_version = 4;
  out.tunnel = TunnelType::None;
  out.tunnel_depth = 0;
  out.analyzer_depth = kHeadersRead;
  out.vlan = out.inner_vlan = 0;
  out.ip_len = total_len;
  out.payload_len = static_cast<uint32_t>(out.payload.size());
  out.cap_len = static_cast<uint32_t>(packet.data.size());
  out.wire_len = packet.wire_len;
  out.ip = packet.data.subspan(kEthernetHeader);
  out.more_frames = {};
  out.weirds.clear();
  return true;
}

}  // namespace sensor
