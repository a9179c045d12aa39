// Reads the fixed parts of transport headers. Private to src/net.
#pragma once

#include "sensor/net/packet.h"
#include "src/net/checksum.h"

namespace sensor {

inline constexpr size_t kIpv4HeaderMin = 20, kTcpHeaderMin = 20, kUdpHeader = 8;

/// Ports and everything but the options; the reader has 20 bytes (RFC 9293 section 3.1).
inline void read_tcp_header(ByteReader& r, DecodedPacket& out) {
  TcpHeader& h = out.tcp;
  out.tuple.src_port = r.u16();
  out.tuple.dst_port = r.u16();
  h.seq = r.u32();
  h.ack = r.u32();
  h.header_len = static_cast<uint8_t>((r.u8() >> 4) * 4);
  h.flags = r.u8();
  h.window = r.u16();
  h.window_scale = -1;
}

/// Ports and length; returns the checksum field. The reader has 8 bytes (RFC 768).
inline uint16_t read_udp_header(ByteReader& r, DecodedPacket& out) {
  out.tuple.src_port = r.u16();
  out.tuple.dst_port = r.u16();
  out.udp_len = r.u16();
  return r.u16();
}

/// The options of a SYN: only the window scale matters (RFC 7323 section 2.2).
void read_tcp_options(Bytes options, TcpHeader& header);

/// Whether header and payload of TCP, UDP or ICMPv6 agree with the checksum in them.
inline bool transport_checksum_valid(const DecodedPacket& packet, bool v4, uint8_t ip_proto, Bytes segment) {
  return checksum_valid(
      ones_sum(segment, pseudo_header_sum(packet.tuple.src, packet.tuple.dst, v4, ip_proto, static_cast<uint32_t>(segment.size()))));
}

/// Decodes what most packets are: Ethernet, IPv4 without options or fragments, TCP or UDP, nothing odd. False: none of that, decode it
/// step by step; `out` may have been written to. Says nothing that step by step would not say.
bool decode_common(const PacketView& packet, bool ignore_checksums, DecodedPacket& out);

}  // namespace sensor
