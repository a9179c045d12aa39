// Timestamps of a pcapng interface: ticks of any decimal or binary fraction of a second.
#pragma once

#include <algorithm>
#include <cstdint>

#include "record_parser.h"
#include "sensor/base/hash.h"

namespace sensor {

class PcapngClock {
 public:
  /// if_tsresol: bit 7 clear: 10^-n s per tick, set: 2^-n s. False when n is more than 64 bits can count.
  bool set_resolution(uint8_t value) {
    const unsigned n = value & 0x7f;
    const bool binary = (value & 0x80) != 0;
    if (n > (binary ? 63u : 19u)) return false;
    ticks_per_s_ = 1;
    for (unsigned i = 0; i < n; i++) ticks_per_s_ *= binary ? 2 : 10;
    ns_per_tick_ = kNsPerS % ticks_per_s_ == 0 ? kNsPerS / ticks_per_s_ : 0;
    most_fast_ticks_ = ns_per_tick_ == 0 ? 0 : uint64_t{kMaxTimestampNs} / ns_per_tick_;
    return true;
  }
  /// if_tsoffset: seconds to add.
  void set_offset(int64_t seconds) { offset_s_ = seconds; }

  /// Fractions of a nanosecond are cut off; a time out of range becomes the nearest one in range.
  TimeNs to_ns(uint64_t ticks) const {
    // Nearly every file: a whole number of nanoseconds per tick, no offset.
    if (offset_s_ == 0 && ticks <= most_fast_ticks_) return static_cast<TimeNs>(ticks * ns_per_tick_);
    const uint64_t whole = ticks / ticks_per_s_, part = ticks % ticks_per_s_;
    const auto fraction_ns = static_cast<int64_t>(uint128{part} * kNsPerS / ticks_per_s_);
    // Clamped first: 2^33 seconds are past the end of the range, and the sum stays far from the end of 64 bits.
    const int64_t seconds = static_cast<int64_t>(std::min<uint64_t>(whole, uint64_t{1} << 62)) + std::clamp(offset_s_, -kFar, kFar);
    if (seconds < 0) return 0;
    if (seconds >= kMaxTimestampNs / int64_t{kNsPerS}) return kMaxTimestampNs;
    return seconds * int64_t{kNsPerS} + fraction_ns;
  }

 private:
  static constexpr int64_t kFar = int64_t{1} << 61;

  static constexpr uint64_t kNsPerS = 1'000'000'000;

  uint64_t ticks_per_s_ = 1'000'000;
  uint64_t ns_per_tick_ = 1'000;  // 0: not a whole number
  uint64_t most_fast_ticks_ = uint64_t{kMaxTimestampNs} / 1'000;
  int64_t offset_s_ = 0;
};

}  // namespace sensor
