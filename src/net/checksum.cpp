#include "src/net/checksum.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace sensor {
namespace {

uint64_t load16(Bytes b, size_t at) {
  uint16_t w;
  std::memcpy(&w, b.subspan(at, sizeof w).data(), sizeof w);
  return w;
}

/// Four sums at a time.
using Lanes = uint32_t __attribute__((vector_size(16)));

/// Bytes whose 16-bit words cannot overflow their lane.
constexpr size_t kLanesHold = size_t{1} << 18;

/// The 16-bit words of whole Lanes, kLanesHold bytes at most.
uint64_t lanes_sum(Bytes b) {
  Lanes sums{};
  const auto add = [&](size_t at) {
    Lanes words;
    std::memcpy(&words, b.subspan(at, sizeof words).data(), sizeof words);
    sums += (words & 0xffff) + (words >> 16);
  };
  size_t i = 0;
  for (; i + 2 * sizeof(Lanes) <= b.size(); i += 2 * sizeof(Lanes)) {
    add(i);
    add(i + sizeof(Lanes));
  }
  if (i < b.size()) add(i);
  return uint64_t{sums[0]} + sums[1] + sums[2] + sums[3];
}

// Folds to 32 bits with end-around carry, so that sums can go on being added without overflow.
uint64_t fold32(uint64_t sum) {
  sum = (sum & 0xffffffff) + (sum >> 32);
  return (sum & 0xffffffff) + (sum >> 32);
}

// A 16-bit value as it stands in memory in network byte order: sums are taken over memory order.
uint64_t in_memory(uint16_t v) {
  return std::endian::native == std::endian::little ? static_cast<uint16_t>(v << 8 | v >> 8) : v;
}

/// The 16-bit words of a few bytes.
uint64_t words_sum(Bytes b) {
  uint64_t sum = 0;
  size_t i = 0;
  for (; i + 2 <= b.size(); i += 2) sum += load16(b, i);
  if (i < b.size()) sum += in_memory(static_cast<uint16_t>(b[i] << 8));
  return sum;
}

}  // namespace

uint64_t ones_sum(Bytes b, uint64_t sum) {
  sum = fold32(sum);
  while (b.size() >= sizeof(Lanes)) {
    const Bytes part = b.first(std::min(b.size() - b.size() % sizeof(Lanes), kLanesHold));
    sum += lanes_sum(part);
    b = b.subspan(part.size());
  }
  return fold32(sum + words_sum(b));
}

uint64_t pseudo_header_sum(const IpAddress& src, const IpAddress& dst, bool v4, uint8_t ip_proto, uint32_t length) {
  const size_t skip = v4 ? 12 : 0;
  const uint64_t sum = words_sum(Bytes(src.bytes16()).subspan(skip)) + words_sum(Bytes(dst.bytes16()).subspan(skip));
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
