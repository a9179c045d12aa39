// What a running sensor says of itself.
#pragma once

#include <algorithm>
#include <optional>
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

enum class RunMode : uint8_t { Idle, Live, Replay };
std::string_view mode_name(RunMode mode);

struct WorkerStatus {
  uint64_t packets = 0, bytes = 0;                                                          // handled
  uint64_t dropped = 0;                                                                     // lost by its queue
  size_t ring_queue = 0, ring_queue_capacity = 0;                                           // as LiveSource::depth(), now
  size_t log_queue = 0, log_queue_capacity = 0, stats_queue = 0, stats_queue_capacity = 0;  // batches, now
  DurationNs lag_ns = 0;                                                                    // now
  std::vector<CounterValue> queue;                                                          // live: what its queue counts
};

/// A DPDK port.
struct PortStatus {
  std::string name, idle;  // what its threads do while it is silent: kIdleModeNames
};

/// How far a replay is.
struct ReplayStatus {
  std::vector<std::string> files;
  uint32_t files_done = 0;
  uint64_t bytes_read = 0, bytes_total = 0;  // total 0: unknown
  TimeNs packet_time_ns = 0;
};

/// What became of the packets. Totals since the capture began.
///   received = filtered + dropped_capture + dropped_end + decoded + undecoded + waiting()
///   decoded + inner_decoded = tracked + untracked
///   records (of the workers and of the log thread) = records_written + records_reduced + records_lost + what is on its way
struct Ledger {
  uint64_t received = 0, filtered = 0, dropped_capture = 0, delivered = 0;  // the sources
  uint64_t dropped_end = 0;                                                 // delivered, and given up because the end could not wait
  uint64_t decoded = 0, undecoded = 0;                                      // the workers, packets of the link
  uint64_t inner_decoded = 0, inner_undecoded = 0;                          // in UDP tunnels, put together, in aggregates
  uint64_t tracked = 0, untracked = 0;
  uint64_t connections_opened = 0, connections_ended = 0;
  uint64_t records = 0, records_written = 0, records_reduced = 0, records_lost = 0;

  /// Packets whose fate is known.
  uint64_t settled() const { return filtered + dropped_capture + dropped_end + decoded + undecoded; }
  /// On their way to a worker, or in its hands.
  uint64_t waiting() const { return received - std::min(received, settled()); }
};

/// One capture, live or replayed. Totals since its start, except what says otherwise.
struct RunStatus {
  RunMode mode = RunMode::Idle;
  std::string version, interfaces, filter, log_dir;
  double uptime_s = 0;
  std::optional<ReplayStatus> replay;
  std::vector<PortStatus> ports;  // live, DPDK
  std::vector<WorkerStatus> workers;
  std::vector<CounterValue> traffic, logs, losses;
  Ledger ledger;
  uint64_t connections_open = 0;  // now
  uint64_t memory_bytes = 0;      // now, resident
  DurationNs lag_ns = 0;          // now, live: how far packet time is behind the clock

  uint64_t dropped() const;
};

/// How the capture before ended.
struct LastRun {
  RunMode mode = RunMode::Live;
  std::string origin, message;
  double ended = 0;
  uint64_t packets = 0;
};

struct Rates {
  double packets = 0, bits = 0, connections = 0, drops = 0, records = 0;
};

/// What is known of the process beside its capture.
struct ProcessStatus {
  double time = 0, uptime_s = 0;
  double interval_s = 0;  // that the rates are over
  std::optional<LastRun> last_run;
  Rates rates;
  std::vector<std::pair<std::string, double>> threads;  // name and percent of a core over the last second; those of one name added up
  double cpu_percent = 0;
  uint64_t log_bytes = 0, free_bytes = 0;
  double log_bytes_per_s = 0;

  std::optional<double> cpu_of(std::string_view thread) const;
};

/// The status document: JSON, one object. Without a process (a sensor that does not serve): only what concerns the capture.
std::string status_json(const RunStatus& run, const ProcessStatus* process = nullptr);
/// The busiest addresses and protocols of an interval: JSON, one object. `period`: which; empty: not said.
std::string top_json(const StatsReport& r, std::string_view period = {});
/// Prometheus' text format (prometheus.io/docs/instrumenting/exposition_formats), version 0.0.4.
std::string metrics_text(const RunStatus& s);

}  // namespace sensor
