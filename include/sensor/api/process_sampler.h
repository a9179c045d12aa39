// What the process costs, and how fast its capture goes: differences between two looks.
#pragma once

#include <chrono>
#include <deque>
#include <map>
#include <string>
#include <vector>

#include "sensor/api/live_status.h"

namespace sensor {

/// One thread at a time calls tick(): about once a second, or when somebody asks.
class ProcessSampler {
 public:
  /// Directories that hold logs and archives.
  explicit ProcessSampler(std::vector<std::string> log_dirs) : log_dirs_(std::move(log_dirs)) {}

  /// `run_number`: of the capture that `run` is of; with a new one the counters begin at 0.
  ProcessStatus tick(const RunStatus& run, uint64_t run_number);

 private:
  using Clock = std::chrono::steady_clock;
  struct Totals {
    uint64_t packets = 0, bytes = 0, connections = 0, drops = 0, records = 0;
  };

  void look_at_threads(double seconds, ProcessStatus& out);
  void look_at_disk(Clock::time_point now, ProcessStatus& out);

  const std::vector<std::string> log_dirs_;
  const Clock::time_point start_ = Clock::now();
  Clock::time_point last_ = start_, disk_looked_{};
  uint64_t run_number_ = 0;
  Totals totals_;
  std::map<std::string, uint64_t> times_;  // nanoseconds on a processor, by thread id
  std::deque<std::pair<Clock::time_point, uint64_t>> sizes_;
  uint64_t log_bytes_ = 0, free_bytes_ = 0;
  double growth_ = 0;
};

}  // namespace sensor
