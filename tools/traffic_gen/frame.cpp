#include "frame.h"

#include <cstring>

namespace sensor::gen {
namespace {

void put16(uint8_t* at, uint64_t v) {
  at[0] = static_cast<uint8_t>(v >> 8);
  at[1] = static_cast<uint8_t>(v);
}
void put32(uint8_t* at, uint64_t v) {
  put16(at, v >> 16);
  put16(at + 2, v);
}

/// The one's complement sum of RFC 1071, not yet folded. Summed in memory order, eight bytes at a time; the byte order of the sum is that
/// of the machine until fold() turns it.
uint64_t add_words(uint64_t sum, const uint8_t* at, size_t n) {
  for (; n >= 8; at += 8, n -= 8) {
    uint64_t w;
    std::memcpy(&w, at, 8);
    sum += (w & 0xffffffff) + (w >> 32);
  }
  for (; n >= 2; at += 2, n -= 2) {
    uint16_t w;
    std::memcpy(&w, at, 2);
    sum += w;
  }
  if (n == 1) sum += *at;
  return sum;
}

/// The checksum as two bytes in the order in which they stand in a packet (little-endian machine: the low byte first).
uint16_t fold(uint64_t sum) {
  while (sum >> 16 != 0) sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<uint16_t>(~sum);
}

constexpr uint8_t kTcp = 6, kUdp = 17;
constexpr size_t kEthernet = 14;

}  // namespace

/// Writes Ethernet and IP headers; returns where the transport header begins.
size_t FrameBuilder::ip_header(const Endpoints& e, bool from_client, uint8_t protocol, size_t ip_payload) {
  const Endpoint& from = from_client ? e.client : e.server;
  const Endpoint& to = from_client ? e.server : e.client;
  uint8_t* f = frame_.data();
  const std::array<uint8_t, 6> client_mac{2, 0, 0, 0, 0, 1}, server_mac{2, 0, 0, 0, 0, 2};
  std::memcpy(f, (from_client ? server_mac : client_mac).data(), 6);
  std::memcpy(f + 6, (from_client ? client_mac : server_mac).data(), 6);
  uint8_t* ip = f + kEthernet;
  if (e.v6) {
    put16(f + 12, 0x86dd);
    put32(ip, 0x60000000);
    put16(ip + 4, ip_payload);
    ip[6] = protocol;
    ip[7] = 64;
    std::memcpy(ip + 8, from.address.data(), 16);
    std::memcpy(ip + 24, to.address.data(), 16);
    return kEthernet + 40;
  }
  put16(f + 12, 0x0800);
  ip[0] = 0x45;
  ip[1] = 0;
  put16(ip + 2, 20 + ip_payload);
  put16(ip + 4, ++ip_id_);
  put16(ip + 6, 0x4000);  // do not fragment
  ip[8] = 64;
  ip[9] = protocol;
  put16(ip + 10, 0);
  std::memcpy(ip + 12, from.address.data(), 4);
  std::memcpy(ip + 16, to.address.data(), 4);
  const uint16_t sum = fold(add_words(0, ip, 20));
  std::memcpy(ip + 10, &sum, 2);
  return kEthernet + 20;
}

/// Puts the transport header in l4_ and the payload behind the IP header and fills in the checksum.
std::string_view FrameBuilder::finish(const Endpoints& e, bool from_client, uint8_t protocol, size_t header_bytes, size_t checksum_at,
                                      std::string_view payload) {
  const size_t length = header_bytes + payload.size();
  const size_t at = ip_header(e, from_client, protocol, length);
  uint8_t* l4 = frame_.data() + at;
  std::memcpy(l4, l4_.data(), header_bytes);
  if (!payload.empty()) std::memcpy(l4 + header_bytes, payload.data(), payload.size());
  // The pseudo header: both addresses, the protocol and the length (RFC 9293 section 3.1, RFC 8200 section 8.1).
  std::array<uint8_t, 4> tail{0, protocol, static_cast<uint8_t>(length >> 8), static_cast<uint8_t>(length)};
  uint64_t sum = add_words(0, tail.data(), tail.size());
  sum = e.v6 ? add_words(sum, frame_.data() + kEthernet + 8, 32) : add_words(sum, frame_.data() + kEthernet + 12, 8);
  uint16_t checksum = fold(add_words(sum, l4, length));
  if (protocol == kUdp && checksum == 0) checksum = 0xffff;
  std::memcpy(l4 + checksum_at, &checksum, 2);
  return {reinterpret_cast<const char*>(frame_.data()), at + length};
}

std::string_view FrameBuilder::tcp(const Endpoints& e, bool from_client, const TcpFields& tcp, std::string_view payload) {
  uint8_t* h = l4_.data();
  const size_t header_bytes = 20 + tcp.options.size();
  put16(h, (from_client ? e.client : e.server).port);
  put16(h + 2, (from_client ? e.server : e.client).port);
  put32(h + 4, tcp.seq);
  put32(h + 8, tcp.ack);
  h[12] = static_cast<uint8_t>(header_bytes / 4 << 4);
  h[13] = tcp.flags;
  put16(h + 14, tcp.window);
  put32(h + 16, 0);
  if (!tcp.options.empty()) std::memcpy(h + 20, tcp.options.data(), tcp.options.size());
  return finish(e, from_client, kTcp, header_bytes, 16, payload);
}

std::string_view FrameBuilder::udp(const Endpoints& e, bool from_client, std::string_view payload) {
  uint8_t* h = l4_.data();
  put16(h, (from_client ? e.client : e.server).port);
  put16(h + 2, (from_client ? e.server : e.client).port);
  put16(h + 4, 8 + payload.size());
  put16(h + 6, 0);
  return finish(e, from_client, kUdp, 8, 6, payload);
}

}  // namespace sensor::gen
