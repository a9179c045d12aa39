// Packets made by hand, from the inside out: ethernet(0x0800, ipv4(6, kA, kB, tcp(...))).
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string_view>
#include <vector>

#include "sensor/net/packet.h"

namespace sensor::test {

using Octets = std::vector<uint8_t>;

inline Octets operator+(Octets a, const Octets& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}
inline Octets u16(unsigned v) {
  return {static_cast<uint8_t>(v >> 8), static_cast<uint8_t>(v)};
}
inline Octets u32(uint32_t v) {
  return u16(v >> 16) + u16(v & 0xffff);
}
inline Octets chars(std::string_view s) {
  return {s.begin(), s.end()};
}
inline Octets octets(size_t n, uint8_t value = 0) {
  return Octets(n, value);
}
inline Octets address(std::string_view text) {
  const IpAddress a = *IpAddress::parse(text);
  const Bytes b = a.wire_bytes();
  return {b.begin(), b.end()};
}

/// RFC 1071, as slow and simple as it reads.
inline uint16_t internet_checksum(const Octets& data) {
  uint32_t sum = 0;
  for (size_t i = 0; i < data.size(); i += 2) sum += static_cast<uint32_t>(data[i] << 8 | (i + 1 < data.size() ? data[i + 1] : 0));
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<uint16_t>(~sum);
}
inline void put16(Octets& data, size_t at, unsigned v) {
  data[at] = static_cast<uint8_t>(v >> 8);
  data[at + 1] = static_cast<uint8_t>(v);
}

inline constexpr std::string_view kA = "10.0.0.1", kB = "10.0.0.2", kA6 = "2001:db8::1", kB6 = "2001:db8::2";

inline Octets pseudo_header(std::string_view src, std::string_view dst, uint8_t proto, size_t length) {
  return address(src) + address(dst) + u32(static_cast<uint32_t>(length)) + u32(proto);
}
/// Fills in a transport checksum.
inline Octets with_checksum(Octets segment, size_t at, std::string_view src, std::string_view dst, uint8_t proto) {
  put16(segment, at, 0);
  put16(segment, at, internet_checksum(pseudo_header(src, dst, proto, segment.size()) + segment));
  return segment;
}

struct TcpFields {
  uint16_t src_port = 40000, dst_port = 80;
  uint32_t seq = 1000, ack = 2000;
  uint8_t flags = tcpflag::kAck;
  uint16_t window = 1024;
  Octets options = {};       // a multiple of 4 bytes
  uint8_t header_words = 0;  // 0: the true one
};
inline Octets tcp(const TcpFields& f, const Octets& payload, std::string_view src = kA, std::string_view dst = kB) {
  const auto words = static_cast<uint8_t>(f.header_words != 0 ? f.header_words : 5 + f.options.size() / 4);
  Octets s = u16(f.src_port) + u16(f.dst_port) + u32(f.seq) + u32(f.ack) + Octets{static_cast<uint8_t>(words << 4), f.flags} +
             u16(f.window) + u16(0) + u16(0) + f.options + payload;
  return with_checksum(std::move(s), 16, src, dst, ipproto::kTcp);
}
inline Octets udp(uint16_t src_port, uint16_t dst_port, const Octets& payload, std::string_view src = kA, std::string_view dst = kB) {
  Octets s = u16(src_port) + u16(dst_port) + u16(static_cast<unsigned>(8 + payload.size())) + u16(0) + payload;
  return with_checksum(std::move(s), 6, src, dst, ipproto::kUdp);
}
inline Octets icmp(uint8_t type, uint8_t code, const Octets& payload) {
  Octets s = Octets{type, code} + u16(0) + u32(0x00010001) + payload;
  put16(s, 2, internet_checksum(s));
  return s;
}
inline Octets icmpv6(uint8_t type, uint8_t code, const Octets& payload, std::string_view src = kA6, std::string_view dst = kB6) {
  return with_checksum(Octets{type, code} + u16(0) + u32(0x00010001) + payload, 2, src, dst, ipproto::kIcmpv6);
}

struct Ipv4Fields {
  uint16_t id = 7;
  uint16_t flags_offset = 0;
  uint8_t ttl = 64;
  Octets options = {};  // a multiple of 4 bytes
  int total_len = -1;   // -1: the true one
  int header_words = -1;
};
inline Octets ipv4(uint8_t proto, const Octets& payload, std::string_view src = kA, std::string_view dst = kB, const Ipv4Fields& f = {}) {
  const size_t header = 20 + f.options.size();
  const unsigned words = f.header_words >= 0 ? static_cast<unsigned>(f.header_words) : static_cast<unsigned>(header / 4);
  const unsigned total = f.total_len >= 0 ? static_cast<unsigned>(f.total_len) : static_cast<unsigned>(header + payload.size());
  Octets h = Octets{static_cast<uint8_t>(0x40 | words), 0} + u16(total) + u16(f.id) + u16(f.flags_offset) + Octets{f.ttl, proto} + u16(0) +
             address(src) + address(dst) + f.options;
  put16(h, 10, internet_checksum(h));
  return h + payload;
}
inline Octets ipv6(uint8_t next, const Octets& payload, std::string_view src = kA6, std::string_view dst = kB6, int payload_len = -1) {
  return Octets{0x60, 0, 0, 0} + u16(static_cast<unsigned>(payload_len >= 0 ? payload_len : static_cast<int>(payload.size()))) +
         Octets{next, 64} + address(src) + address(dst) + payload;
}
/// An extension header of 8 * (1 + data / 8) bytes whose data is padded with zeros.
inline Octets extension(uint8_t next, Octets data) {
  while ((data.size() + 2) % 8 != 0) data.push_back(0);
  return Octets{next, static_cast<uint8_t>((data.size() + 2) / 8 - 1)} + data;
}

inline const Octets kMacA = {2, 0, 0, 0, 0, 1}, kMacB = {2, 0, 0, 0, 0, 2};
inline Octets ethernet(uint16_t type, const Octets& payload) {
  return kMacB + kMacA + u16(type) + payload;
}
inline Octets vlan_tag(uint16_t id, uint16_t type, const Octets& payload) {
  return u16(id) + u16(type) + payload;
}

/// TCP from kA to kB in Ethernet, checksums right.
inline Octets tcp_frame(const TcpFields& f = {}, const Octets& payload = chars("hello")) {
  return ethernet(0x0800, ipv4(ipproto::kTcp, tcp(f, payload)));
}

inline PacketView packet(const Octets& bytes, LinkType link = LinkType::Ethernet, TimeNs ts_ns = kSecond) {
  return {.data = bytes, .ts_ns = ts_ns, .wire_len = static_cast<uint32_t>(bytes.size()), .link = link};
}

}  // namespace sensor::test
