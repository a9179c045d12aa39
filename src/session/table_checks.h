// When Zeek looks for entries of its tables that have expired.
#pragma once

#include <limits>
#include <span>

#include "sensor/base/time.h"

namespace sensor {

/// At the first packet, and then at the first packet kPeriod or more after the last check. Belongs to the worker; the times of all packets
/// are handed in, in order, so that every worker of a replay checks at the same moments.
class TableChecks {
 public:
  static constexpr DurationNs kPeriod = 10 * kSecond;
  /// Checks are told until one falls so long after the last entry.
  static constexpr DurationNs kWatched = kMinute;

  /// Calls on_check(time) for each check that somebody waits for.
  template <class OnCheck>
  void advance(std::span<const TimeNs> clocks, OnCheck on_check) {
    if (clocks.empty() || clocks.back() < next_) return;
    for (const TimeNs t : clocks) {
      if (t < next_) continue;
      if (next_ == kNever) first_ = t;
      next_ = t + kPeriod;
      if (!wanted_) continue;
      on_check(t);
      wanted_ = t <= last_entry_ + kWatched;
    }
  }

  /// An entry begins: a check after the time that is returned drops it, unless it is asked to keep it. Zeek counts an entry's life in whole
  /// seconds since the first packet.
  TimeNs entry_end(TimeNs now, DurationNs lifetime) {
    wanted_ = true;
    last_entry_ = now;
    return now - (now - first_) % kSecond + lifetime;
  }

 private:
  static constexpr TimeNs kNever = std::numeric_limits<TimeNs>::min();

  TimeNs first_ = 0, next_ = kNever, last_entry_ = 0;
  bool wanted_ = false;
};

}  // namespace sensor
