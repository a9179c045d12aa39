#include "sensor/stats/stats_collector.h"

#include <pthread.h>

#include <algorithm>
#include <cassert>
#include <optional>
#include <thread>

#include "aggregate.h"
#include "sensor/base/ordered_merge.h"

namespace sensor {
namespace {

constexpr std::chrono::milliseconds kPollInterval{20};
constexpr std::chrono::seconds kSnapshotInterval{1};
constexpr TimeNs kEndOfTime = std::numeric_limits<TimeNs>::max();

}  // namespace

class StatsCollector::Impl {
 public:
  explicit Impl(StatsOptions options)
      : options_(std::move(options)),
        merge_(options_.workers),
        length_(options_.interval_ns),
        wanted_length_(options_.interval_ns),
        wanted_top_count_(options_.top_count),
        interval_(options_.sketch_capacity),
        whole_(options_.sketch_capacity),
        waiting_(new std::atomic<size_t>[options_.workers]()) {
    assert(options_.workers > 0 && options_.interval_ns > 0);
    for (size_t i = 0; i < options_.workers; i++) {
      lanes_.push_back(std::make_unique<StatsLane>(options_.ring_batches, options_.replay, bell_));
      workers_.push_back(std::make_unique<WorkerStats>(*lanes_.back(), options_.interval_ns));
    }
  }
  ~Impl() { assert(!thread_.joinable()); }

  void start() {
    thread_ = std::thread([this] { run(); });
    ::pthread_setname_np(thread_.native_handle(), "statistics");
  }
  void reconfigure(DurationNs interval_ns, size_t top_count) {
    for (auto& w : workers_) w->set_interval(interval_ns);
    wanted_length_.store(interval_ns, std::memory_order_relaxed);
    wanted_top_count_.store(top_count, std::memory_order_relaxed);
  }
  void wait_when_full() {
    for (auto& lane : lanes_) lane->wait_when_full();
  }
  void finish();

  WorkerStats& worker(size_t i) { return *workers_[i]; }
  const StatsReport& whole_run() const { return report_; }
  uint64_t get(StatsCounter c) const;
  uint64_t get(size_t i, StatsCounter c) const { return workers_[i]->get(c); }
  QueueDepth queue(size_t i) const { return {waiting_[i].load(std::memory_order_relaxed), options_.ring_batches}; }
  uint64_t dropped() const;

 private:
  void run();
  bool drain(size_t lane);
  void take_over_settings();
  void count_until(TimeNs limit);
  TimeNs start_of(TimeNs end) const;
  bool open_next(TimeNs limit);
  void count_connections(TimeNs limit);
  void close_interval();
  void report_whole_run();
  void tell_snapshot();
  StatsReport so_far(const ConnectionAggregate& connections, TimeNs start, const TrafficCounts& before) const;
  void force_when_full();
  void ask_for_flushes();
  TimeNs lowest_watermark() const;

  StatsOptions options_;
  Doorbell bell_;
  std::vector<std::unique_ptr<StatsLane>> lanes_;
  std::vector<std::unique_ptr<WorkerStats>> workers_;
  std::thread thread_;
  std::atomic<bool> finishing_{false};

  // What follows belongs to the statistics thread while it runs.
  OrderedMerge<EndedConnection> merge_;
  DurationNs length_;
  std::atomic<DurationNs> wanted_length_;
  std::atomic<size_t> wanted_top_count_;
  std::map<TimeNs, IntervalCounts> counts_;                  // of intervals not reported yet, by their ends, all workers added up
  std::optional<TimeNs> open_;                               // the end of the interval whose connections are being counted
  TimeNs reported_ns_ = std::numeric_limits<TimeNs>::min();  // the end of the last one that was reported
  ConnectionAggregate interval_, whole_;
  TrafficCounts traffic_;  // of all reported intervals
  TimeNs first_ns_ = 0, last_ns_ = 0;
  TimeNs last_due_ns_ = 0;  // the workers have come so far
  bool ending_ = false;
  StatsReport report_;
  std::unique_ptr<std::atomic<size_t>[]> waiting_;  // by worker: batches at the last look; any thread reads
  std::chrono::steady_clock::time_point told_{};
};

void StatsCollector::Impl::finish() {
  if (!thread_.joinable()) return;
  wait_when_full();
  for (auto& w : workers_) w->finish();
  finishing_.store(true, std::memory_order_release);
  bell_.ring();
  thread_.join();
}

void StatsCollector::Impl::run() {
  while (true) {
    const bool finishing = finishing_.load(std::memory_order_acquire);
    take_over_settings();
    const TimeNs limit = lowest_watermark();
    if (limit != kEndOfTime) last_due_ns_ = std::max(last_due_ns_, limit);
    bool got_some = false;
    for (size_t i = 0; i < lanes_.size(); i++) got_some = drain(i) || got_some;
    if (finishing && !got_some) break;
    // The last interval is reported when it is known to be the last.
    if (limit != kEndOfTime) {
      count_until(limit);
      if (options_.on_progress) options_.on_progress(limit);
    }
    force_when_full();
    ask_for_flushes();
    if (options_.on_snapshot && std::chrono::steady_clock::now() - told_ >= kSnapshotInterval) tell_snapshot();
    if (!got_some) bell_.wait(kPollInterval);
  }
  ending_ = true;
  count_until(kEndOfTime);
  report_whole_run();
  if (options_.on_snapshot) options_.on_snapshot({report_, report_});
}

void StatsCollector::Impl::take_over_settings() {
  options_.top_count = wanted_top_count_.load(std::memory_order_relaxed);
  const DurationNs wanted = wanted_length_.load(std::memory_order_relaxed);
  if (wanted == length_) return;
  length_ = wanted;
  if (open_) open_ = std::min(*open_, interval_end(last_due_ns_, length_));
}

/// An interval's begin. One whose length was changed while it went on begins where the one before ended.
TimeNs StatsCollector::Impl::start_of(TimeNs end) const {
  const TimeNs start = std::max(first_ns_, end - length_);
  return reported_ns_ < end ? std::max(start, reported_ns_) : start;
}

/// Tells how things stand, and asks the workers for what they hold, for the next time.
void StatsCollector::Impl::tell_snapshot() {
  told_ = std::chrono::steady_clock::now();
  ConnectionAggregate all = whole_;
  all += interval_;
  options_.on_snapshot({so_far(interval_, open_ ? start_of(*open_) : std::max(first_ns_, last_ns_), traffic_), so_far(all, first_ns_, {})});
  for (auto& lane : lanes_) lane->want_flush();
}

/// Packets come with the intervals that have ended; those of the one that goes on are in the running totals.
StatsReport StatsCollector::Impl::so_far(const ConnectionAggregate& connections, TimeNs start, const TrafficCounts& before) const {
  const auto since = [](uint64_t now, uint64_t then) { return now - std::min(now, then); };
  StatsReport r;
  r.start_ns = start;
  r.end_ns = std::max(start, last_due_ns_);
  r.traffic.packets = since(get(StatsCounter::Packets), before.packets);
  r.traffic.bytes = since(get(StatsCounter::WireBytes), before.bytes);
  r.traffic.opened[0] = since(get(StatsCounter::ConnectionsOpened), sum(before.opened));
  r.traffic.ended[0] = since(get(StatsCounter::ConnectionsEnded), sum(before.ended));
  connections.report(options_.top_count, r);
  return r;
}

bool StatsCollector::Impl::drain(size_t i) {
  std::unique_ptr<StatsBatch> batch;
  size_t n = 0;
  // All that was in the ring when the watermark was read, and not for ever.
  for (; n < options_.ring_batches && lanes_[i]->pop(batch); n++) {
    for (const IntervalCounts& c : batch->intervals) {
      IntervalCounts& sum = counts_.try_emplace(c.end_ns, IntervalCounts{c.end_ns, 0, 0, {}}).first->second;
      sum.traffic += c.traffic;
      if (c.first_ns != 0 && (first_ns_ == 0 || c.first_ns < first_ns_)) first_ns_ = c.first_ns;
      last_ns_ = std::max(last_ns_, c.last_ns);
    }
    merge_.add(i, batch->connections);
    batch->clear();
    lanes_[i]->give_back(std::move(batch));
  }
  waiting_[i].store(n, std::memory_order_relaxed);
  return n > 0;
}

/// Counts and reports everything that no worker can add to any more.
void StatsCollector::Impl::count_until(TimeNs limit) {
  while (open_next(limit)) {
    count_connections(limit);
    if (*open_ > limit) return;
    close_interval();
  }
}

bool StatsCollector::Impl::open_next(TimeNs limit) {
  if (open_) return true;
  const EndedConnection* c = merge_.front();
  if (c != nullptr && c->due_ns < limit) open_ = interval_end(c->due_ns, length_);
  if (!counts_.empty() && counts_.begin()->first <= limit) {
    open_ = std::min(open_.value_or(counts_.begin()->first), counts_.begin()->first);
  }
  return open_.has_value();
}

void StatsCollector::Impl::count_connections(TimeNs limit) {
  limit = std::min(limit, *open_);
  for (const EndedConnection* c = merge_.front(); c != nullptr && c->due_ns < limit; c = merge_.front()) {
    if (const EndedConnection* later = merge_.ahead(8); later != nullptr) interval_.prefetch_index(*later);
    if (const EndedConnection* soon = merge_.ahead(4); soon != nullptr) interval_.prefetch(*soon);
    interval_.add(*c);
    merge_.pop();
  }
}

void StatsCollector::Impl::close_interval() {
  StatsReport r;
  // What came too late for its interval is reported with the next one.
  while (!counts_.empty() && counts_.begin()->first <= *open_) {
    r.traffic += counts_.begin()->second.traffic;
    counts_.erase(counts_.begin());
  }
  traffic_ += r.traffic;
  const bool last = ending_ && counts_.empty() && merge_.front() == nullptr;
  r.end_ns = *open_;
  r.start_ns = start_of(r.end_ns);
  reported_ns_ = std::max(reported_ns_, r.end_ns);
  if (last) r.end_ns = std::max(r.start_ns, std::min(r.end_ns, last_ns_));
  for (size_t i = 0; i < r.active.size(); i++) r.active[i] = traffic_.opened[i] - std::min(traffic_.opened[i], traffic_.ended[i]);
  interval_.report(options_.top_count, r);
  whole_ += interval_;
  interval_.clear();
  open_.reset();
  if (options_.on_interval) options_.on_interval(r);
}

void StatsCollector::Impl::report_whole_run() {
  report_.start_ns = first_ns_;
  report_.end_ns = std::max(first_ns_, last_ns_);
  report_.traffic = traffic_;
  whole_.report(options_.top_count, report_);
}

void StatsCollector::Impl::force_when_full() {
  if (merge_.size() <= options_.max_held_connections) return;
  while (merge_.size() > options_.max_held_connections / 2) {
    interval_.add(*merge_.front());
    merge_.pop();
  }
}

void StatsCollector::Impl::ask_for_flushes() {
  const EndedConnection* next = merge_.front();
  for (auto& lane : lanes_) {
    if (next != nullptr && lane->watermark_ns() <= next->due_ns) lane->want_flush();
  }
}

TimeNs StatsCollector::Impl::lowest_watermark() const {
  TimeNs lowest = kEndOfTime;
  for (const auto& lane : lanes_) lowest = std::min(lowest, lane->watermark_ns());
  return lowest;
}

uint64_t StatsCollector::Impl::get(StatsCounter c) const {
  uint64_t n = 0;
  for (const auto& w : workers_) n += w->get(c);
  return n;
}

uint64_t StatsCollector::Impl::dropped() const {
  uint64_t n = 0;
  for (const auto& lane : lanes_) n += lane->dropped();
  return n;
}

StatsCollector::StatsCollector(StatsOptions options) : impl_(std::make_unique<Impl>(std::move(options))) {}
StatsCollector::~StatsCollector() {
  impl_->finish();
}
void StatsCollector::start() {
  impl_->start();
}
WorkerStats& StatsCollector::worker(size_t i) {
  return impl_->worker(i);
}
void StatsCollector::reconfigure(DurationNs interval_ns, size_t top_count) {
  impl_->reconfigure(interval_ns, top_count);
}
void StatsCollector::wait_when_full() {
  impl_->wait_when_full();
}
void StatsCollector::finish() {
  impl_->finish();
}
const StatsReport& StatsCollector::whole_run() const {
  return impl_->whole_run();
}
uint64_t StatsCollector::get(StatsCounter c) const {
  return impl_->get(c);
}
uint64_t StatsCollector::get(size_t i, StatsCounter c) const {
  return impl_->get(i, c);
}
QueueDepth StatsCollector::queue(size_t i) const {
  return impl_->queue(i);
}
uint64_t StatsCollector::dropped_connections() const {
  return impl_->dropped();
}

}  // namespace sensor
