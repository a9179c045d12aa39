// Keys of any length, as 128 bits.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

#include "sensor/base/hash.h"

namespace sensor {

/// What was added, mixed: the same for the same additions in the same order, and different for others as far as tables of millions can
/// tell (two of n keys meet by chance with a probability of about n² / 2^129). Against keys that are made to meet it is no protection.
class Fingerprint {
 public:
  constexpr Fingerprint() = default;
  explicit Fingerprint(std::string_view text) { add(text); }

  Fingerprint& add(uint64_t word) {
    hi_ = mix64(hi_ ^ word, 0x9fb21c651e98df25);
    lo_ = mix64(lo_ + word, hi_);
    return *this;
  }
  /// Eight characters at a time, then how many there were.
  Fingerprint& add(std::string_view text) {
    const size_t size = text.size();
    while (text.size() >= 8) {
      uint64_t word;
      std::memcpy(&word, text.data(), 8);
      add(word);
      text.remove_prefix(8);
    }
    uint64_t word = 0;
    for (const char c : text) word = word << 8 | static_cast<uint8_t>(c);
    return add(word).add(uint64_t{size});
  }

  bool operator==(const Fingerprint&) const = default;
  struct Hash {
    uint64_t operator()(const Fingerprint& f) const { return f.lo_; }
  };

 private:
  uint64_t hi_ = 0, lo_ = 0;
};

}  // namespace sensor
