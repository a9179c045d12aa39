#include "sensor/stats/worker_stats.h"

#include <algorithm>

namespace sensor {

int64_t interval_number(TimeNs ts, DurationNs interval) {
  return ts / interval - (ts % interval < 0 ? 1 : 0);
}

TimeNs interval_end(int64_t number, DurationNs interval) {
  TimeNs end;
  return __builtin_mul_overflow(number + 1, interval, &end) ? std::numeric_limits<TimeNs>::max() : end;
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
    : lane_(&lane), interval_(interval_ns), batch_(std::make_unique<StatsBatch>()) {}

void WorkerStats::select(TimeNs ts) {
  const int64_t n = interval_number(ts, interval_);
  current_ = &open_.try_emplace(n, IntervalCounts{n, 0, 0, {}}).first->second;
  current_end_ = interval_end(n, interval_);
  current_start_ = current_end_ - interval_;
}

void WorkerStats::on_connection_open(TimeNs ts, Transport transport) {
  ts = std::max(ts, clock_);
  if (ts < current_start_ || ts >= current_end_) select(ts);
  current_->traffic.opened[static_cast<size_t>(transport)]++;
}

void WorkerStats::on_acks(TimeNs ts, uint64_t acks, uint64_t gaps) {
  if (acks == 0) return;
  if (ts < current_start_ || ts >= current_end_) select(ts);
  current_->traffic.acks += acks;
  current_->traffic.gaps += gaps;
}

void WorkerStats::on_connection_end(const EndedConnection& c) {
  const int64_t n = interval_number(c.due_ns, interval_);
  IntervalCounts& counts = open_.try_emplace(n, IntervalCounts{n, 0, 0, {}}).first->second;
  counts.traffic.ended[static_cast<size_t>(c.transport)]++;
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
  const TimeNs settled = std::min(watermark, clock_);  // what is counted from now on is not older
  close_intervals(settled);
  if (!batch_->empty() && lane_->flush_wanted()) flush();
  lane_->publish_watermark(std::min(settled, min_due_));
}

void WorkerStats::close_intervals(TimeNs before) {
  bool any = false;
  while (!open_.empty() && interval_end(open_.begin()->first, interval_) <= before) {
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
