// Seeded 64-bit mixing for tables and identifiers; not cryptographic.
#pragma once

#include <cstdint>

namespace sensor {

__extension__ using uint128 = unsigned __int128;

/// Mixes two words into one; every input bit reaches every output bit (the multiply-and-fold of wyhash).
constexpr uint64_t mix64(uint64_t a, uint64_t b) {
  const auto m = static_cast<uint128>(a ^ 0x9e3779b97f4a7c15ULL) * (b ^ 0xe7037ed1a0b428dbULL);
  return static_cast<uint64_t>(m) ^ static_cast<uint64_t>(m >> 64);
}

}  // namespace sensor
