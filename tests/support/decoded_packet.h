// Decoded packets made by hand, for tests of what comes after the decoder.
#pragma once

#include "sensor/net/packet.h"

namespace sensor::test {

inline FiveTuple five_tuple(uint8_t ip_proto, const char* src, uint16_t src_port, const char* dst, uint16_t dst_port) {
  return {*IpAddress::parse(src), *IpAddress::parse(dst), src_port, dst_port, ip_proto};
}

inline FiveTuple reversed(const FiveTuple& t) {
  return {t.dst, t.src, t.dst_port, t.src_port, t.ip_proto};
}

/// A packet with this payload; the payload must outlive it. DecodedPacket::ip stays empty.
inline DecodedPacket decoded_packet(const FiveTuple& tuple, Bytes payload, TimeNs ts_ns = kSecond) {
  DecodedPacket p;
  p.ts_ns = ts_ns;
  p.tuple = tuple;
  p.transport = tuple.ip_proto == ipproto::kTcp ? Transport::Tcp : tuple.ip_proto == ipproto::kUdp ? Transport::Udp : Transport::Unknown;
  p.ttl = 64;
  p.payload = payload;
  p.payload_len = static_cast<uint32_t>(payload.size());
  p.ip_len = static_cast<uint32_t>(payload.size() + 40);
  if (p.transport == Transport::Tcp) p.tcp.flags = tcpflag::kAck | tcpflag::kPsh;
  return p;
}

}  // namespace sensor::test
