#include "dpi/ndpi/plain_packet.h"

#include <algorithm>
#include <span>

namespace sensor::ndpi {
namespace {

/// Writes fields in network byte order.
class Writer {
 public:
  explicit Writer(std::span<uint8_t> out) : out_(out) {}
  void u8(unsigned v) { out_[n_++] = static_cast<uint8_t>(v); }
  void u16(unsigned v) { u8(v >> 8), u8(v & 0xff); }
  void u32(uint32_t v) { u16(v >> 16), u16(v & 0xffff); }
  void bytes(Bytes b) {
    std::copy(b.begin(), b.end(), out_.subspan(n_).begin());
    n_ += b.size();
  }
  void zeros(size_t n) {
    std::fill_n(out_.subspan(n_).begin(), n, uint8_t{0});
    n_ += n;
  }
  size_t size() const { return n_; }

 private:
  std::span<uint8_t> out_;
  size_t n_ = 0;
};

}  // namespace

Bytes PlainPacket::build(const DecodedPacket& p) {
  const bool tcp = p.tuple.ip_proto == ipproto::kTcp;
  if (!tcp && p.tuple.ip_proto != ipproto::kUdp) return {};
  if (bytes_.empty()) bytes_.resize(kMaxHeaders + kMaxPayload + kPadding);
  const Bytes payload = p.payload.first(std::min(p.payload.size(), kMaxPayload));
  const unsigned l4_len = static_cast<unsigned>((tcp ? 20 : 8) + payload.size());
  Writer w(bytes_);
  if (p.tuple.src.is_v4()) {
    w.u16(0x4500), w.u16(20 + l4_len), w.u32(0), w.u8(p.ttl), w.u8(p.tuple.ip_proto), w.u16(0);
  } else {
    w.u32(0x60000000), w.u16(l4_len), w.u8(p.tuple.ip_proto), w.u8(p.ttl);
  }
  w.bytes(p.tuple.src.wire_bytes()), w.bytes(p.tuple.dst.wire_bytes());
  w.u16(p.tuple.src_port), w.u16(p.tuple.dst_port);
  if (tcp) {
    w.u32(p.tcp.seq), w.u32(p.tcp.ack), w.u8(0x50), w.u8(p.tcp.flags), w.u16(p.tcp.window), w.u32(0);
  } else {
    w.u16(l4_len), w.u16(0);
  }
  w.bytes(payload);
  const size_t size = w.size();
  w.zeros(kPadding);
  return Bytes(bytes_).first(size);
}

}  // namespace sensor::ndpi
