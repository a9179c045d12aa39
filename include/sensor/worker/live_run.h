// Live packets through workers that have a queue and a thread each.
#pragma once

#include <atomic>
#include <memory>
#include <span>
#include <thread>
#include <vector>

#include "sensor/capture/live_source.h"
#include "sensor/worker/worker.h"

namespace sensor {

/// Worker i reads queue i. Packet time drives the workers; while a queue is silent, the clock does.
///
///   start(); …; stop(); join();      or: the destructor does the last two
class LiveRun {
 public:
  /// Both outlive the run. As many queues as workers.
  LiveRun(std::vector<LiveSource*> queues, std::span<const std::unique_ptr<Worker>> workers);
  ~LiveRun();

  void start();
  /// Ends the capture; what was taken in is handled. Any thread; async-signal-safe.
  void stop() { stop_.store(true, std::memory_order_relaxed); }
  /// Waits until the workers have handled and finished everything.
  void join();
  /// How far the slowest worker's packet time is behind `now`. Any thread.
  DurationNs lag(TimeNs now) const;
  /// How far worker i's is.
  DurationNs lag(TimeNs now, size_t i) const;
  /// Packets that were taken in and not handled, because the end could not wait for them. Any thread.
  uint64_t left() const { return left_.load(std::memory_order_relaxed); }
  /// Every queue has failed by itself.
  bool all_failed() const { return failed_.load(std::memory_order_relaxed) == queues_.size(); }

 private:
  void work(size_t i);
  bool step(size_t i);
  bool skip(LiveSource& queue);

  std::vector<LiveSource*> queues_;
  std::span<const std::unique_ptr<Worker>> workers_;
  std::vector<std::thread> threads_;
  std::unique_ptr<std::atomic<TimeNs>[]> reached_;  // by worker: its packet time
  std::atomic<bool> stop_{false};
  std::atomic<uint64_t> left_{0};
  std::atomic<size_t> failed_{0};
};

}  // namespace sensor
