// What a running sensor says of itself.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sensor/base/counters.h"
#include "sensor/base/time.h"
#include "sensor/stats/report.h"

namespace sensor {

/// A counter's value at one moment. The names have static storage.
using CounterValue = std::pair<CounterInfo, uint64_t>;

/// Totals since the start, except what says otherwise.
struct LiveStatus {
  std::string version, interfaces, log_dir;
  double uptime_s = 0;
  std::vector<std::vector<CounterValue>> queues;  // by worker: what its queue counts
  std::vector<CounterValue> traffic, logs, losses;
  uint64_t connections_open = 0;  // now
  uint64_t memory_bytes = 0;      // now, resident
  DurationNs lag_ns = 0;          // now: how far packet time is behind the clock
};

/// The status document: JSON, one object.
std::string status_json(const LiveStatus& s);
/// The busiest addresses and protocols of an interval: JSON, one object.
std::string top_json(const StatsReport& r);
/// Prometheus' text format (prometheus.io/docs/instrumenting/exposition_formats), version 0.0.4.
std::string metrics_text(const LiveStatus& s);

}  // namespace sensor
