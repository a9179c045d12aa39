// When the packets of late came, for timers that run at the first packet after their time.
#pragma once

#include <algorithm>
#include <limits>
#include <span>
#include <vector>

#include "sensor/flow/flow_engine.h"

namespace sensor {

/// The times of the packets, all workers' of them, so that each worker finds the same moments: whole microseconds, each once, for as long
/// as FlowEngine may be late.
class PacketTimes {
 public:
  /// `clocks` rise, and are not earlier than those of the burst before.
  void begin_burst(std::span<const TimeNs> clocks) {
    if (times_.size() >= trim_size_) trim();
    for (const TimeNs t : clocks) {
      if (t < next_) continue;
      times_.push_back(whole(t));
      next_ = times_.back() + kMicrosecond;
    }
  }
  /// The first packet at `t` or later, where one by `now` is known; else `now`.
  TimeNs first_from(TimeNs t, TimeNs now) const {
    const auto next = std::ranges::lower_bound(times_, whole(t));
    return next == times_.end() ? now : std::min(*next, now);
  }

 private:
  static constexpr size_t kFew = 1 << 13;

  static TimeNs whole(TimeNs t) { return t - t % kMicrosecond; }
  void trim() {
    times_.erase(times_.begin(), std::ranges::lower_bound(times_, times_.back() - FlowEngine::kMaxRemovalDelayNs));
    trim_size_ = 2 * times_.size() + kFew;
  }

  std::vector<TimeNs> times_;
  TimeNs next_ = std::numeric_limits<TimeNs>::min();  // the earliest time that is not in the last microsecond
  size_t trim_size_ = kFew;
};

}  // namespace sensor
