// When to look at a flow again.
#pragma once

#include <algorithm>
#include <utility>
#include <vector>

#include "sensor/flow/flow_table.h"

namespace sensor {

/// A wheel of slots in packet time, re-armed lazily: a packet that moves its flow's deadline later does not touch the wheel. The flow is
/// found in the slot where it was armed, asked for its real deadline, and armed again. So an idle flow costs one look per turn of the
/// wheel, and a busy one too. Slots hold flows as a list through Flow::timer_prev and timer_next; nothing is allocated.
class TimerWheel {
 public:
  static constexpr int kTickShift = 26;       // a slot is 2^26 ns, 67 ms: FlowEngine::kMaxRemovalDelayNs
  static constexpr int64_t kSlots = 1 << 12;  // a turn is 275 s; later deadlines are armed at its end and looked at again

  explicit TimerWheel(FlowTable& table) : table_(table), heads_(kSlots, kNoFlow) {}

  static int64_t tick_of(TimeNs t) { return t >> kTickShift; }
  bool started() const { return started_; }
  /// Everything due before this moment has been handled.
  TimeNs handled_until() const { return started_ ? cursor_ * (TimeNs{1} << kTickShift) : 0; }
  bool is_due(TimeNs now) const { return !started_ || tick_of(now) > cursor_; }

  /// Puts a flow that is in no slot where `due` falls.
  void arm(Flow& f, TimeNs due) { link(f, std::clamp(tick_of(due), cursor_, cursor_ + kSlots - 1)); }
  /// Moves an armed flow to an earlier slot if `due` falls there.
  void hasten(Flow& f, TimeNs due) {
    const int64_t armed = cursor_ + ((f.timer_slot - cursor_) & (kSlots - 1));
    if (tick_of(due) >= armed) return;
    cancel(f);
    arm(f, due);
  }
  void cancel(Flow& f) {
    (f.timer_prev == kNoFlow ? heads_[f.timer_slot] : table_.at(f.timer_prev).timer_next) = f.timer_next;
    if (f.timer_next != kNoFlow) table_.at(f.timer_next).timer_prev = f.timer_prev;
    f.timer_prev = f.timer_next = kNoFlow;
  }

  /// Moves to `now`. Calls due(flow) -> TimeNs for every flow in the slots passed; those whose deadline lies in the time passed are taken
  /// out of the wheel and handed to expire(flow, deadline), at most `limit` of them. False: the limit was reached, time has not moved
  /// all the way.
  template <class Due, class Expire>
  bool advance(TimeNs now, size_t limit, Due due, Expire expire);

 private:
  void link(Flow& f, int64_t tick) {
    const auto slot = static_cast<uint16_t>(tick & (kSlots - 1));
    const FlowIndex self = table_.index_of(f);
    f.timer_slot = slot;
    f.timer_prev = kNoFlow;
    f.timer_next = heads_[slot];
    if (f.timer_next != kNoFlow) table_.at(f.timer_next).timer_prev = self;
    heads_[slot] = self;
  }

  FlowTable& table_;
  std::vector<FlowIndex> heads_;
  int64_t cursor_ = 0;  // tick whose slot is not finished yet
  bool started_ = false;
};

template <class Due, class Expire>
bool TimerWheel::advance(TimeNs now, size_t limit, Due due, Expire expire) {
  const int64_t target = tick_of(now);
  if (!started_) {
    started_ = true;
    cursor_ = target;
  }
  if (target <= cursor_) return true;
  // After a jump over more than a turn every slot is visited once; survivors are armed as seen from the target.
  const int64_t first = cursor_;
  const int64_t last = std::min(target, first + kSlots);
  const bool jump = target - first > kSlots;
  for (int64_t tick = first; tick < last; tick++) {
    if (!jump) cursor_ = tick;
    FlowIndex next = std::exchange(heads_[static_cast<size_t>(tick & (kSlots - 1))], kNoFlow);
    while (next != kNoFlow) {
      Flow& f = table_.at(next);
      if (limit == 0) {  // put the rest of the slot back as it was
        f.timer_prev = kNoFlow;
        const auto slot = static_cast<size_t>(tick & (kSlots - 1));
        if (heads_[slot] != kNoFlow) {  // survivors of a jump that were armed into this very slot
          FlowIndex tail = next;
          while (table_.at(tail).timer_next != kNoFlow) tail = table_.at(tail).timer_next;
          table_.at(tail).timer_next = heads_[slot];
          table_.at(heads_[slot]).timer_prev = tail;
        }
        heads_[slot] = next;
        return false;
      }
      next = f.timer_next;
      if (next != kNoFlow) __builtin_prefetch(&table_.at(next));
      const TimeNs deadline = due(f);
      if (tick_of(deadline) < target) {
        f.timer_prev = f.timer_next = kNoFlow;
        limit--;
        expire(f, deadline);
      } else {
        const int64_t base = jump ? target : tick + 1;
        link(f, std::clamp(tick_of(deadline), base, base + kSlots - 1));
      }
    }
  }
  cursor_ = target;
  return true;
}

}  // namespace sensor
