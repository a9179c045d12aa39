#include "src/net/checksum.h"

#include <bit>
#include <cstring>

namespace sensor {
namespace {

template <class Word>
uint64_t load(Bytes b, size_t at) {
  Word w;
  std::memcpy(&w, b.subspan(at, sizeof w).data(), sizeof w);
  return w;
}

// Folds to 32 bits with end-around carry, so that sums of 32-bit words can go on being added without overflow.
uint64_t fold32(uint64_t sum) {
  sum = (sum & 0xffffffff) + (sum >> 32);
  return (sum & 0xffffffff) + (sum >> 32);
}

// A 16-bit value as it stands in memory in network byte order: sums are taken over memory order.
uint64_t in_memory(uint16_t v) {
  return std::endian::native == std::endian::little ? static_cast<uint16_t>(v << 8 | v >> 8) : v;
}

}  // namespace

uint64_t ones_sum(Bytes b, uint64_t sum) {
  // Four accumulators of 32-bit words: no carry can leave 64 bits within 2^32 words.
  uint64_t s0 = fold32(sum), s1 = 0, s2 = 0, s3 = 0;
  size_t i = 0;
  for (; i + 16 <= b.size(); i += 16) {
    s0 += load<uint32_t>(b, i);
    s1 += load<uint32_t>(b, i + 4);
    s2 += load<uint32_t>(b, i + 8);
    s3 += load<uint32_t>(b, i + 12);
  }
  for (; i + 2 <= b.size(); i += 2) s1 += load<uint16_t>(b, i);
  if (i < b.size()) s1 += in_memory(static_cast<uint16_t>(b[i] << 8));
  return fold32(s0 + s1 + s2 + s3);
}

uint64_t pseudo_header_sum(const IpAddress& src, const IpAddress& dst, bool v4, uint8_t ip_proto, uint32_t length) {
  const size_t skip = v4 ? 12 : 0;
  uint64_t sum = ones_sum(Bytes(src.bytes16()).subspan(skip));
  sum = ones_sum(Bytes(dst.bytes16()).subspan(skip), sum);
  if (v4) length &= 0xffff;
  return sum + in_memory(ip_proto) + in_memory(static_cast<uint16_t>(length)) + in_memory(static_cast<uint16_t>(length >> 16));
}

uint16_t ones_fold(uint64_t sum) {
  sum = fold32(sum);
  sum = (sum & 0xffff) + (sum >> 16);
  sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<uint16_t>(sum);
}

}  // namespace sensor
