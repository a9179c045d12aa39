#include "sensor/stats/worker_stats.h"

#include <algorithm>
#include <utility>

namespace sensor {

TimeNs interval_end(TimeNs ts, DurationNs interval) {
  const DurationNs into = ts % interval;
  TimeNs end;
  return __builtin_add_overflow(ts, into < 0 ? -into : interval - into, &end) ? std::numeric_limits<TimeNs>::max() : end;
}

TrafficCounts& TrafficCounts::operator+=(const TrafficCounts& o) {
  packets += o.packets;
  bytes += o.bytes;
  acks += o.acks;
  gaps += o.gaps;
  for (size_t i = 0; i < opened.size(); i++) {
    opened[i] += o.opened[i];
    ended[i] += o.ended[i];
  }
  return *this;
}

WorkerStats::WorkerStats(StatsLane& lane, DurationNs interval_ns)
    : lane_(&lane), interval_(interval_ns), wanted_interval_(interval_ns), batch_(std::make_unique<StatsBatch>()) {}

void WorkerStats::select(TimeNs ts) {
  current_ = &counts_at(ts);
  current_end_ = current_->end_ns;
  current_start_ = current_end_ - interval_;
}

IntervalCounts& WorkerStats::counts_at(TimeNs ts) {
  const TimeNs end = interval_end(ts, interval_);
  return open_.try_emplace(end, IntervalCounts{end, 0, 0, {}}).first->second;
}

/// What was counted so far is reported when its interval ends, the old one or the new one, whichever is earlier.
void WorkerStats::change_interval(DurationNs interval_ns) {
  interval_ = interval_ns;
  for (const auto& [end, counts] : std::exchange(open_, {})) {
    const TimeNs earlier = std::min(end, interval_end(std::max(clock_, counts.last_ns), interval_));
    IntervalCounts& sum = open_.try_emplace(earlier, IntervalCounts{earlier, counts.first_ns, 0, {}}).first->second;
    if (sum.first_ns == 0) sum.first_ns = counts.first_ns;
    sum.last_ns = std::max(sum.last_ns, counts.last_ns);
    sum.traffic += counts.traffic;
  }
  current_ = nullptr;
  current_start_ = current_end_ = 0;
}

void WorkerStats::on_connection_open(TimeNs now, Transport transport) {
  if (now < current_start_ || now >= current_end_) select(now);
  current_->traffic.opened[static_cast<size_t>(transport)]++;
}

void WorkerStats::on_acks(TimeNs now, uint64_t acks, uint64_t gaps) {
  if (acks == 0) return;
  if (now < current_start_ || now >= current_end_) select(now);
  current_->traffic.acks += acks;
  current_->traffic.gaps += gaps;
}

void WorkerStats::on_connection_end(const EndedConnection& c) {
  counts_at(c.due_ns).traffic.ended[static_cast<size_t>(c.transport)]++;
  batch_->connections.push_back(c);
  min_due_ = std::min(min_due_, c.due_ns);
  if (batch_->connections.size() >= StatsBatch::kMaxConnections) flush();
}

void WorkerStats::publish_totals() {
  TrafficCounts all = closed_;
  for (const auto& [n, counts] : open_) all += counts.traffic;
  totals_.set(StatsCounter::Packets, all.packets);
  totals_.set(StatsCounter::WireBytes, all.bytes);
  totals_.set(StatsCounter::ConnectionsOpened, sum(all.opened));
  totals_.set(StatsCounter::ConnectionsEnded, sum(all.ended));
}

void WorkerStats::advance(TimeNs watermark) {
  publish_totals();
  if (const DurationNs wanted = wanted_interval_.load(std::memory_order_relaxed); wanted != interval_) change_interval(wanted);
  const TimeNs settled = std::min(watermark, clock_);  // what is counted from now on is not older
  close_intervals(settled);
  if (!batch_->empty() && lane_->flush_wanted()) flush();
  lane_->publish_watermark(std::min(settled, min_due_));
}

void WorkerStats::close_intervals(TimeNs before) {
  bool any = false;
  while (!open_.empty() && open_.begin()->first <= before) {
    const IntervalCounts& counts = open_.begin()->second;
    closed_ += counts.traffic;
    if (batch_->intervals.size() == StatsBatch::kMaxIntervals) flush();
    batch_->intervals.push_back(counts);
    open_.erase(open_.begin());
    any = true;
  }
  if (!any) return;
  current_ = nullptr;
  current_start_ = current_end_ = 0;
  flush();
}

void WorkerStats::flush() {
  if (!batch_->empty()) batch_ = lane_->exchange(std::move(batch_));
  min_due_ = std::numeric_limits<TimeNs>::max();
}

void WorkerStats::finish() {
  clock_ = std::numeric_limits<TimeNs>::max();
  advance(clock_);
  flush();
  advance(clock_);
}

}  // namespace sensor
