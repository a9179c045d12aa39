// What a thread that reads ports does when there was nothing. Pure: who carries it out is DpdkRest.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "sensor/capture/dpdk.h"

namespace sensor {

/// Spins a little, then sleeps for longer and longer. The longest sleep is less than what a queue of the usual 4096 packets lasts at four
/// million a second, and costs an idle thread about a hundredth of a core. With receive interrupts these sleeps are not repeated: the
/// interrupts are armed, the queues are read once more, for what came before that, and the thread waits.
class DpdkIdle {
 public:
  enum class Step : uint8_t { Spin, Sleep, Arm, Wait };
  static constexpr unsigned kSpins = 32, kSleeps = 7;

  explicit DpdkIdle(IdleMode mode) : mode_(mode) {}

  /// True: the interrupts are armed, and no longer needed.
  bool packets_came() {
    empty_ = 0;
    return std::exchange(armed_, false);
  }
  /// What to do before the next look. After Arm comes packets_came() or Wait; Wait ends with the interrupts disarmed.
  Step nothing_came() {
    if (mode_ == IdleMode::Poll || empty_ < kSpins) return step(Step::Spin);
    if (mode_ == IdleMode::Sleep || empty_ < kSpins + kSleeps) return step(Step::Sleep);
    armed_ = !armed_;
    return armed_ ? Step::Arm : Step::Wait;
  }
  /// Of Step::Sleep, which was asked for last.
  std::chrono::microseconds sleep() const { return kFirstSleep * (1 << std::min(empty_ - kSpins, kSleeps)); }
  /// Wait ended with an interrupt. The packets may take a moment yet.
  void woken() { empty_ = 0; }

 private:
  static constexpr std::chrono::microseconds kFirstSleep{8};

  Step step(Step s) {
    if (empty_ < kSpins + kSleeps) empty_++;
    return s;
  }

  IdleMode mode_;
  unsigned empty_ = 0;  // looks in a row that found nothing, no more than matter
  bool armed_ = false;
};

/// What decides how the thread behind a port spends its idle time.
struct DpdkPortFacts {
  bool queue_for_every_worker = false, has_interrupts = false;
};

/// The mode of each port. A thread waits only if every port that it reads can wake it: the workers read those with a queue for each of
/// them, the distributor the others; what the distributor hands to the workers wakes nobody.
inline std::vector<IdleMode> idle_modes(IdleMode wanted, std::span<const DpdkPortFacts> ports) {
  const auto all_interrupt = [&](bool workers) {
    return std::ranges::all_of(ports, [&](const DpdkPortFacts& p) { return p.queue_for_every_worker != workers || p.has_interrupts; });
  };
  const bool distributor = !std::ranges::all_of(ports, &DpdkPortFacts::queue_for_every_worker);
  std::vector<IdleMode> modes;
  for (const DpdkPortFacts& p : ports) {
    const bool wakes = p.queue_for_every_worker ? !distributor && all_interrupt(true) : all_interrupt(false);
    modes.push_back(wanted == IdleMode::Interrupt && !wakes ? IdleMode::Sleep : wanted);
  }
  return modes;
}

}  // namespace sensor
