// The clock that packets are stamped with.
#pragma once

#include <algorithm>
#include <cstddef>
#include <ctime>

#include "sensor/base/time.h"

namespace sensor {

inline TimeNs clock_now(clockid_t id) {
  timespec t{};
  ::clock_gettime(id, &t);
  return t.tv_sec * kSecond + t.tv_nsec;
}
inline TimeNs wall_clock() {
  return clock_now(CLOCK_REALTIME);
}

/// Times of packets that are taken from a queue several at once: spread evenly over the time since it was looked at before. So they keep
/// their order, and a question and its answer in one burst are not of the same moment.
class PacketClock {
 public:
  /// The queue was empty.
  void nothing(TimeNs now) { last_ = now; }
  /// It had n packets; next() gives their times.
  void burst(TimeNs now, size_t n) {
    last_ = std::clamp(last_, now - kLongest, now);  // a clock that was set is followed
    step_ = (now - last_) / static_cast<DurationNs>(n);
  }
  TimeNs next() { return last_ += step_; }

 private:
  static constexpr DurationNs kLongest = 10 * kMillisecond;

  TimeNs last_ = 0;
  DurationNs step_ = 0;
};

}  // namespace sensor
