// What a thread that polls a port does when there was nothing.
#pragma once

#include <rte_pause.h>

#include <algorithm>
#include <chrono>
#include <thread>

namespace sensor {

/// Spins a little, then sleeps for longer and longer. The longest sleep is less than what a queue of the usual 4096 packets lasts at four
/// million a second, and costs an idle thread about a hundredth of a core.
class DpdkIdle {
 public:
  explicit DpdkIdle(bool busy_poll) : busy_poll_(busy_poll) {}

  void packets_came() { empty_ = 0; }
  void nothing_came() {
    if (busy_poll_ || ++empty_ <= kSpins) return ::rte_pause();
    const unsigned doublings = std::min(empty_ - kSpins, kMostDoublings);
    std::this_thread::sleep_for(kFirstSleep * (1 << doublings));
  }

 private:
  static constexpr unsigned kSpins = 256, kMostDoublings = 7;
  static constexpr std::chrono::microseconds kFirstSleep{8};

  bool busy_poll_;
  unsigned empty_ = 0;  // polls in a row
};

}  // namespace sensor
