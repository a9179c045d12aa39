// Random numbers that are the same on every machine: no std distributions, whose results the standard leaves open.
#pragma once

#include <cstdint>
#include <string>

#include "sensor/base/hash.h"

namespace sensor::gen {

/// A stream of numbers, fixed by its seeds.
class Random {
 public:
  Random(uint64_t seed, uint64_t stream) : state_(mix64(seed, stream + 1)) {}

  uint64_t next() {
    state_ += 0x9e3779b97f4a7c15ULL;
    return mix64(state_, 0x2545f4914f6cdd1dULL);
  }
  /// Uniform in [0, n); n > 0.
  uint64_t below(uint64_t n) { return static_cast<uint64_t>((uint128{next()} * n) >> 64); }
  /// Uniform in [from, to].
  uint64_t between(uint64_t from, uint64_t to) { return from + below(to - from + 1); }
  /// Uniform in [0, 1).
  double unit() { return static_cast<double>(next() >> 11) * 0x1p-53; }
  bool chance(double p) { return unit() < p; }
  /// Sizes as files have them: mostly near `typical`, sometimes 50 times that. At least 1.
  uint64_t heavy_tailed(uint64_t typical) {
    const double u = unit();
    const double factor = u < 0.5 ? 0.2 + 1.6 * u : u < 0.95 ? 1.0 + 4.0 * (u - 0.5) : 2.8 + (u - 0.95) * 944.0;
    const auto n = static_cast<uint64_t>(static_cast<double>(typical) * factor);
    return n == 0 ? 1 : n;
  }
  std::string bytes(size_t n) {
    std::string s(n, '\0');
    for (size_t i = 0; i < n; i++) s[i] = static_cast<char>(next() >> 32);
    return s;
  }

 private:
  uint64_t state_;
};

}  // namespace sensor::gen
