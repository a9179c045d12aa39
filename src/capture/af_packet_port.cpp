#include "af_packet_port.h"

#include <fmt/format.h>

namespace sensor {

Status AfPacketPort::start() {
  const InterfaceState now = interface_state(group_->interface);
  if (now.up) return try_open(now);
  say(fmt::format("{0} is down; capture begins when it is up ('ip link set {0} up')", group_->interface));
  return Ok{};
}

Status AfPacketPort::try_open(const InterfaceState& state) {
  auto opened = PacketSocket::open(group_->interface, state, *options_);
  if (!opened.ok()) return opened.error();
  if (group_->members > 1) {
    auto id = opened.value().join(options_->fanout, member_ == 0 ? uint16_t{0} : group_->fanout_id.load(std::memory_order_relaxed));
    if (!id.ok()) return id.error();
    group_->fanout_id.store(id.value(), std::memory_order_relaxed);
    group_->joined.fetch_add(1, std::memory_order_release);
  }
  socket_.emplace(std::move(opened).value());
  state_ = State::Up;
  return Ok{};
}

void AfPacketPort::begin_when_all_joined() {
  if (!socket_ || taking_in_ || closed_ || !all_joined()) return;
  taking_in_ = true;
  if (const Status s = socket_->begin(options_->filter); !s.ok()) say(s.error().message);
}

bool AfPacketPort::tend() {
  const InterfaceState now = interface_state(group_->interface);
  if (!socket_) {
    try_again(now);
  } else if (state_ == State::Gone) {
    // Two looks after it went: what the kernel still held has arrived.
    if (!ring().next_ts()) {
      count();
      socket_.reset();
      taking_in_ = false;
      turn_++;
      state_ = State::Waiting;
    }
  } else {
    const bool there = now.index == socket_->interface_index();
    change(!there ? State::Gone : now.up ? State::Up : State::Down);
  }
  if (!socket_) return true;
  (void)socket_->take_error();  // the kernel reports every change once; until then the socket does not sleep
  begin_when_all_joined();
  count();
  return state_ != State::Up || !taking_in_;
}

/// Opens the socket again when the interface is back and the workers before this one have done so.
void AfPacketPort::try_again(const InterfaceState& state) {
  const bool my_turn = group_->members == 1 || group_->joined.load(std::memory_order_acquire) == turn_ * group_->members + member_;
  if (!state.up || !my_turn || closed_) return;
  const Status s = try_open(state);
  say(s.ok() ? fmt::format("{} is there; capturing", group_->interface) : s.error().message);
}

void AfPacketPort::change(State to) {
  if (to == state_) return;
  const std::string& name = group_->interface;
  if (to == State::Up) {
    say(fmt::format("{} is up again; capturing", name));
  } else {
    counters_->add(CaptureCounter::InterfaceDown);
    say(fmt::format("{} {}; capture goes on when it is back", name, to == State::Down ? "went down" : "has gone away"));
  }
  state_ = to;
}

void AfPacketPort::close_intake() {
  closed_ = true;
  if (!socket_) return;
  if (const Status s = socket_->close_intake(); !s.ok()) say(s.error().message);
}

void AfPacketPort::count() {
  if (!socket_) return;
  const SocketStatistics s = socket_->statistics();
  counters_->add(CaptureCounter::PacketsReceived, s.received);
  counters_->add(CaptureCounter::PacketsDroppedRing, s.dropped);
  counters_->add(CaptureCounter::RingFreezes, s.freezes);
}

/// The first worker speaks for all; what was said last is not said again.
void AfPacketPort::say(std::string sentence) {
  if (member_ != 0 || !options_->report || sentence == last_said_) return;
  last_said_ = std::move(sentence);
  options_->report(last_said_);
}

}  // namespace sensor
