// The statistics thread: merges what the workers count, reports per interval of packet time.
#pragma once

#include <functional>
#include <memory>

#include "sensor/base/queue_depth.h"
#include "sensor/stats/report.h"
#include "sensor/stats/worker_stats.h"

namespace sensor {

/// How the statistics stand: of the interval that goes on, and of the whole run. Connections are not told apart by transport.
struct StatsSnapshot {
  StatsReport current, run;
};

struct StatsOptions {
  size_t workers = 1;
  /// Replay: a worker waits when its ring is full, and reports are the same for any number of workers. Live: the batch is dropped.
  bool replay = true;
  /// Intervals begin at multiples of this packet time.
  DurationNs interval_ns = 5 * kMinute;
  /// Addresses in each top list.
  size_t top_count = 10;
  /// Addresses each sketch keeps: the error of a top list's value is at most the list's total divided by this.
  size_t sketch_capacity = 2048;
  size_t ring_batches = 64;
  /// Connections the merge may hold while one worker is behind; beyond it they are counted without waiting for that worker.
  size_t max_held_connections = 500'000;
  /// Called in the statistics thread for every interval in which something happened, in order.
  std::function<void(const StatsReport&)> on_interval;
  /// Called in the statistics thread now and then: intervals that end at or before this time have been reported.
  std::function<void(TimeNs)> on_progress;
  /// Called in the statistics thread once a second, and at the end. Null: nobody wants to know.
  std::function<void(const StatsSnapshot&)> on_snapshot = {};
};

class StatsCollector {
 public:
  explicit StatsCollector(StatsOptions options);
  ~StatsCollector();

  void start();
  /// The statistics of worker i, for that worker's thread alone (totals: any thread). Lives as long as this object.
  WorkerStats& worker(size_t i);
  /// Live: from now on reports come like this; the interval that goes on ends at a multiple of the new length, if that is earlier. Any
  /// thread.
  void reconfigure(DurationNs interval_ns, size_t top_count);
  /// Live: from now on a worker whose ring is full waits. Any thread.
  void wait_when_full();
  /// Takes what the workers still hold, reports the last interval, ends the thread. The workers' threads have been joined.
  void finish();

  /// The whole run. After finish().
  const StatsReport& whole_run() const;
  /// Sum over the workers. Any thread.
  uint64_t get(StatsCounter c) const;
  /// Ended connections that are missing in services, applications and top lists because a ring was full. Any thread.
  uint64_t dropped_connections() const;
  /// Of worker i. Any thread.
  uint64_t get(size_t i, StatsCounter c) const;
  QueueDepth queue(size_t i) const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace sensor
