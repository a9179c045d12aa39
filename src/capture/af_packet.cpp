#include "sensor/capture/af_packet.h"

#include <fmt/format.h>
#include <poll.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <limits>
#include <mutex>
#include <optional>

#include "af_packet_port.h"
#include "ethtool.h"
#include "wall_clock.h"

namespace sensor {
namespace {

constexpr TimeNs kForever = std::numeric_limits<TimeNs>::max();
/// A packet is in our hands this long after its timestamp, unless the ring is full.
constexpr DurationNs kSettledAfter = 6 * TpacketRing::kBlockTimeoutMs * kMillisecond;
/// How often the interfaces are looked at and the kernel's counters read; and how often when something is amiss.
constexpr DurationNs kTendInterval = kSecond, kTendSoon = 100 * kMillisecond;
/// The wait for the other interfaces' packets.
constexpr int kOrderWaitMs = 4;

/// Timestamps of several interfaces are compared: the cards' clocks are used where all have one. An interface that is not there yet, or
/// whose card refuses later, is reported when it is opened.
TimestampSource usable_clock(const AfPacketOptions& options) {
  if (options.timestamps == TimestampSource::Software) return TimestampSource::Software;
  for (const std::string& name : options.interfaces) {
    if (stamps_every_packet(Ethtool(name).receive_clock())) continue;
    if (options.report)
      options.report(fmt::format("{0} has no clock that stamps every packet ('ethtool -T {0}'): packets carry the kernel's time", name));
    return TimestampSource::Software;
  }
  return TimestampSource::Hardware;
}

}  // namespace

class AfPacketSource::Impl {
 public:
  explicit Impl(const AfPacketOptions& options)
      : options_(options), vlan_filter_(kernel_can_apply(options.filter) ? std::string() : options.filter) {}

  Status add(std::shared_ptr<PortGroup> group, size_t member) {
    ports_.push_back(std::make_unique<AfPacketPort>(std::move(group), member, options_, counters));
    return ports_.back()->start();
  }
  void begin() {
    for (auto& p : ports_) p->begin_when_all_joined();
  }
  Status prepare_filter(LinkType link) { return vlan_filter_.prepare(link); }
  Status set_filter(const std::string& filter);

  PacketBatch poll(AfPacketSource* source);
  void release(uint64_t token) { ports_[token]->ring().release(); }
  TimeNs horizon() const { return horizon_; }
  QueueDepth depth() const { return {waiting_.load(std::memory_order_relaxed), capacity_.load(std::memory_order_relaxed)}; }
  void close_intake() {
    for (auto& p : ports_) p->close_intake();
    closed_ = true;
  }

  CounterBlock<CaptureCounter> counters;

 private:
  struct Next {
    size_t port = 0;
    TimeNs ts = kForever;     // of the packet that is next
    TimeNs until = kForever;  // how far its ring may be read before the others are looked at again
  };

  Next next() const;
  size_t keep_matching(std::span<PacketView> packets);
  void wait(const Next& n);
  void tend(TimeNs monotonic);
  void take_over_filter();

  AfPacketOptions options_;
  BpfFilter vlan_filter_;  // what the kernel cannot filter
  std::vector<std::unique_ptr<AfPacketPort>> ports_;
  std::array<PacketView, kBurst> packets_;
  bool closed_ = false;
  std::atomic<size_t> waiting_{0}, capacity_{0};  // of the rings, at the last look
  std::mutex wanted_mutex_;
  std::optional<std::string> wanted_filter_;  // not taken over yet
  TimeNs next_tend_ = 0;
  TimeNs horizon_ = 0;
  TimeNs last_ts_ = 0, last_ts_monotonic_ = 0;  // of the latest packet, and when it was taken
};

/// The interface whose next packet is the earliest. An interface without packets may still get one that is older than the clock by
/// kSettledAfter; only the kernel's timestamps can be compared with the clock.
AfPacketSource::Impl::Next AfPacketSource::Impl::next() const {
  Next n;
  const bool wait_for_others = ports_.size() > 1 && options_.timestamps == TimestampSource::Software;
  const TimeNs settled = wait_for_others ? clock_now(CLOCK_REALTIME) - kSettledAfter : kForever;
  for (size_t i = 0; i < ports_.size(); i++) {
    if (!ports_[i]->open()) continue;
    const std::optional<TimeNs> ts = ports_[i]->ring().next_ts();
    const TimeNs earliest = ts.value_or(settled);
    if (!ts) {
      n.until = std::min(n.until, settled);
    } else if (earliest < n.ts) {
      n.until = std::min(n.until, n.ts);
      n.ts = earliest;
      n.port = i;
    } else {
      n.until = std::min(n.until, earliest);
    }
  }
  return n;
}

PacketBatch AfPacketSource::Impl::poll(AfPacketSource* source) {
  const TimeNs monotonic = clock_now(CLOCK_MONOTONIC_COARSE);
  if (monotonic >= next_tend_) tend(monotonic);
  const Next n = next();
  if (n.ts == kForever || n.ts > n.until) {
    wait(n);
    return {};
  }
  TpacketRing& ring = ports_[n.port]->ring();
  const size_t read = ring.take(packets_, n.until);
  last_ts_ = packets_[read - 1].ts_ns;
  last_ts_monotonic_ = monotonic;
  const size_t kept = keep_matching(std::span(packets_).first(read));
  return {source, std::span<const PacketView>(packets_).first(kept), n.port};
}

/// Filters in place and counts; returns how many packets stay.
size_t AfPacketSource::Impl::keep_matching(std::span<PacketView> packets) {
  uint64_t bytes = 0, cut = 0;
  size_t kept = 0;
  for (const PacketView& p : packets) {
    bytes += p.data.size();
    cut += p.data.size() < p.wire_len;
    if (!vlan_filter_.active())
      kept++;
    else if (vlan_filter_.matches(p))
      packets[kept++] = p;
  }
  counters.add(CaptureCounter::PacketsRead, packets.size());
  counters.add(CaptureCounter::BytesRead, bytes);
  counters.add(CaptureCounter::PacketsDelivered, kept);
  counters.add(CaptureCounter::PacketsFiltered, packets.size() - kept);
  counters.add(CaptureCounter::PacketsCut, cut);
  return kept;
}

/// Sleeps until the kernel hands over a block, but not long; then says how far time has gone.
void AfPacketSource::Impl::wait(const Next& n) {
  const TimeNs looked_at = clock_now(CLOCK_REALTIME);  // every ring was empty, or waited for, before this
  if (!options_.busy_poll) {
    std::vector<pollfd> sockets;
    for (const auto& p : ports_)
      if (p->open()) sockets.push_back({p->fd(), POLLIN, 0});
    const bool holding = n.ts != kForever;  // the poll would return at once
    const int longest = static_cast<int>(kMaxWait / kMillisecond);
    (void)::poll(holding ? nullptr : sockets.data(), holding ? 0 : sockets.size(), holding ? kOrderWaitMs : longest);
    for (const pollfd& s : sockets)
      if ((s.revents & POLLERR) != 0) next_tend_ = 0;
  }
  if (closed_)
    for (auto& p : ports_) p->count();
  const TimeNs settled = options_.timestamps == TimestampSource::Software
                             ? looked_at - kSettledAfter
                             : last_ts_ + (clock_now(CLOCK_MONOTONIC_COARSE) - last_ts_monotonic_) - kSettledAfter;
  horizon_ = std::max(horizon_, std::min(settled, n.ts));
}

void AfPacketSource::Impl::tend(TimeNs monotonic) {
  take_over_filter();
  bool soon = false;
  QueueDepth sum;
  for (auto& p : ports_) {
    soon = p->tend() || soon;
    const QueueDepth d = p->depth();
    sum.waiting += d.waiting;
    sum.capacity += d.capacity;
  }
  waiting_.store(sum.waiting, std::memory_order_relaxed);
  capacity_.store(sum.capacity, std::memory_order_relaxed);
  next_tend_ = monotonic + (soon ? kTendSoon : kTendInterval);
}

Status AfPacketSource::Impl::set_filter(const std::string& filter) {
  for (const std::string& name : options_.interfaces)
    if (auto valid = BpfFilter(filter).prepare(link_type_of(interface_state(name))); !valid.ok()) return valid;
  std::lock_guard lock(wanted_mutex_);
  wanted_filter_ = filter;
  return Ok{};
}

void AfPacketSource::Impl::take_over_filter() {
  std::lock_guard lock(wanted_mutex_);
  if (!wanted_filter_) return;
  options_.filter = *std::exchange(wanted_filter_, std::nullopt);
  vlan_filter_ = BpfFilter(kernel_can_apply(options_.filter) ? std::string() : options_.filter);
  for (auto& p : ports_) {
    (void)vlan_filter_.prepare(p->link());
    p->filter_again();
  }
}

Result<std::vector<std::unique_ptr<AfPacketSource>>> AfPacketSource::open(const AfPacketOptions& options) {
  for (const std::string& name : options.interfaces) {
    if (auto known = check_interface(name); !known.ok()) return known.error();
    BpfFilter filter(options.filter);
    if (auto valid = filter.prepare(link_type_of(interface_state(name))); !valid.ok()) return valid.error();
  }
  AfPacketOptions usable = options;
  usable.timestamps = usable_clock(options);
  std::vector<std::unique_ptr<AfPacketSource>> queues;
  for (size_t i = 0; i < options.workers; i++)
    queues.push_back(std::unique_ptr<AfPacketSource>(new AfPacketSource(std::make_unique<Impl>(usable))));
  for (const std::string& name : options.interfaces) {
    auto group = std::make_shared<PortGroup>();
    group->interface = name;
    group->members = options.workers;
    for (size_t i = 0; i < options.workers; i++) {
      Impl& queue = *queues[i]->impl_;
      if (auto ready = queue.prepare_filter(link_type_of(interface_state(name))); !ready.ok()) return ready.error();
      if (auto started = queue.add(group, i); !started.ok()) return started.error();
    }
  }
  for (const auto& queue : queues) queue->impl_->begin();
  return queues;
}

AfPacketSource::AfPacketSource(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
AfPacketSource::~AfPacketSource() = default;

Status AfPacketSource::set_filter(const std::string& filter) {
  return impl_->set_filter(filter);
}
PacketBatch AfPacketSource::poll() {
  return impl_->poll(this);
}
void AfPacketSource::release(uint64_t token) {
  impl_->release(token);
}
TimeNs AfPacketSource::horizon() const {
  return impl_->horizon();
}
void AfPacketSource::close_intake() {
  impl_->close_intake();
}
QueueDepth AfPacketSource::depth() const {
  return impl_->depth();
}
const CounterBlock<CaptureCounter>& AfPacketSource::counters() const {
  return impl_->counters;
}

}  // namespace sensor
