// When the packets of late came, for timers that run at the first packet after their time.
#pragma once

#include <algorithm>
#include <span>
#include <vector>

#include "sensor/flow/flow_engine.h"

namespace sensor {

/// The times of a replay's packets, all workers' of them, so that each worker finds the same moments. In microseconds, of which each is
/// kept once where there are very many, for as long as FlowEngine may be late.
class PacketTimes {
 public:
  /// `clocks` rise, and are not earlier than those of the burst before.
  void begin_burst(std::span<const TimeNs> clocks) {
    if (times_.size() >= trim_size_) trim();
    times_.insert(times_.end(), clocks.begin(), clocks.end());
  }
  /// The first packet at `t` or later, where one by `now` is known; else `now`.
  TimeNs first_from(TimeNs t, TimeNs now) const {
    const auto next = std::ranges::lower_bound(times_, whole(t));
    return next == times_.end() ? now : std::min(whole(*next), now);
  }

 private:
  static constexpr size_t kFew = 1 << 13, kMany = 1 << 18;

  static TimeNs whole(TimeNs t) { return t - t % kMicrosecond; }
  void trim() {
    times_.erase(times_.begin(), std::ranges::lower_bound(times_, times_.back() - FlowEngine::kMaxRemovalDelayNs));
    if (times_.size() >= kMany) {
      const auto again = std::ranges::unique(times_, {}, whole);
      times_.erase(again.begin(), again.end());
    }
    trim_size_ = 2 * times_.size() + kFew;
  }

  std::vector<TimeNs> times_;
  size_t trim_size_ = kFew;
};

}  // namespace sensor
