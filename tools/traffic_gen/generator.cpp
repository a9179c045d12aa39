#include "generator.h"

#include <algorithm>
#include <functional>

namespace sensor::gen {

Generator::Generator(const Options& options) : options_(options) {}

TimeNs Generator::start_of(uint64_t connection) const {
  const double window_ns = options_.window_s * 1e9 * (options_.long_lived ? 0.1 : 1.0);
  Random r(options_.seed ^ 0x5eed, connection);
  const double at = (static_cast<double>(connection) + r.unit()) / static_cast<double>(options_.connections);
  return kStartNs + static_cast<TimeNs>(at * window_ns);
}

void Generator::push(TimeNs ns, uint32_t slot) {
  heap_.push_back({ns, slot, order_++});
  std::ranges::push_heap(heap_, std::greater<>());
}

/// Connections begin in the order of their numbers; all that begin before the next packet is due join the heap.
void Generator::begin_connections() {
  while (begun_ < options_.connections) {
    const TimeNs start = start_of(begun_);
    if (!heap_.empty() && heap_.front().ns < start) return;
    const Connection c(options_, begun_++);
    uint32_t slot;
    if (free_slots_.empty()) {
      slot = static_cast<uint32_t>(connections_.size());
      connections_.push_back(c);
    } else {
      slot = free_slots_.back();
      free_slots_.pop_back();
      connections_[slot] = c;
    }
    push(start, slot);
  }
}

bool Generator::next(Packet& out) {
  while (true) {
    begin_connections();
    if (heap_.empty()) return false;
    const Due due = heap_.front();
    std::ranges::pop_heap(heap_, std::greater<>());
    heap_.pop_back();
    const Connection::Step s = connections_[due.slot].step(due.ns, builder_);
    if (s.ended)
      free_slots_.push_back(due.slot);
    else
      push(std::max(s.next_ns, due.ns), due.slot);
    if (s.frame.empty()) continue;
    out = {due.ns, s.frame};
    return true;
  }
}

}  // namespace sensor::gen
