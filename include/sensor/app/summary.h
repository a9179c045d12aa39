// What a run says at its end, and while it runs on a terminal.
#pragma once

#include <cstdio>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sensor/output/log_writer.h"
#include "sensor/stats/stats_collector.h"

namespace sensor {

/// A reason why something is missing or was set right, and how often it happened.
using Loss = std::pair<std::string_view, uint64_t>;

struct RunSummary {
  const StatsReport& traffic;
  std::string origin;        // "in 3 files", "from eth0"
  std::vector<Loss> losses;  // those that happened
  std::vector<WrittenLog> logs;
  std::string log_dir;
  double seconds = 0;  // wall time
};

/// The closing summary: packets, connections, top talkers, protocols, losses by reason, where the logs are.
std::string format_summary(const RunSummary& run, bool color);

/// "1.2 k", "3.4 M", "5.6 G"; whole below a thousand.
std::string short_number(double n);

/// A line on the terminal that is drawn over every 200 ms by a thread of its own, and wiped at the end. Not made where standard error is
/// no terminal. It begins with what `place` says, in that thread; `stats` outlives it.
class ProgressLine {
 public:
  ProgressLine(std::function<std::string()> place, const StatsCollector& stats);
  ~ProgressLine();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace sensor
