// Turns reports of the statistics thread into rows of stats.log, top_ips.log, protocols.log and capture_loss.log.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sensor/record/record_writer.h"
#include "sensor/stats/report.h"

namespace sensor {

/// What only a live run can say about the interval that just ended. All since the last sample, except mem and lag.
struct LiveSample {
  uint64_t memory_bytes = 0;
  uint64_t packets_dropped = 0, packets_on_link = 0;
  DurationNs lag_ns = 0;
  std::vector<std::pair<std::string, uint64_t>> drops;  // by reason, those that happened
};

class StatsLog {
 public:
  /// `writer` is a side writer of the LogWriter and outlives this object; `sample` is called per report, empty in replay.
  explicit StatsLog(RecordWriter& writer, std::function<LiveSample()> sample = {}) : writer_(&writer), sample_(std::move(sample)) {}
  /// In the statistics thread: StatsOptions::on_interval.
  void write(const StatsReport& report);
  /// In the statistics thread: StatsOptions::on_progress.
  void advance(TimeNs now) { writer_->advance(now); }

 private:
  void write_top(const StatsReport& report);
  void write_protocols(const StatsReport& report);
  void write_capture_loss(const StatsReport& report);

  RecordWriter* writer_;
  std::function<LiveSample()> sample_;
};

}  // namespace sensor
