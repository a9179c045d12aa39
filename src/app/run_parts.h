// What replays and live runs have in common.
#pragma once

#include <chrono>
#include <csignal>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "sensor/app/sensor.h"
#include "sensor/app/summary.h"
#include "sensor/capture/capture_counters.h"
#include "sensor/output/file_extraction.h"
#include "sensor/output/log_writer.h"
#include "sensor/stats/stats_collector.h"
#include "sensor/worker/worker.h"

namespace sensor {

/// A sensor that reads capture files, and one that reads interfaces. Errors as Sensor::create().
Result<std::unique_ptr<Sensor>> create_replay(const Config& config);
/// `alone`: the process is this sensor's: it gives up rights and opens endpoints.
Result<std::unique_ptr<Sensor>> create_live(const Config& config, ReadAgain read_again, bool alone);
/// Makes the log directory and drops privileges as the configuration says; errors as drop_privileges().
Status give_up_rights(const Config& config);
/// A process that captures when it is told to, 'sensor serve'.
Result<std::unique_ptr<Sensor>> create_serve(const Config& config, ReadAgain read_again);

uint64_t resident_bytes();

/// Signals that end or reload go to the main thread: the others are started while this is there.
class BlockedSignals {
 public:
  BlockedSignals();
  ~BlockedSignals();

 private:
  sigset_t before_;
};

/// The statistics' last words, for who asks. The statistics thread writes, any thread reads.
class LatestReports {
 public:
  void set_snapshot(const StatsSnapshot& s);
  void set_interval(const StatsReport& r);
  StatsReport get(TopPeriod period) const;

 private:
  mutable std::mutex mutex_;
  StatsSnapshot snapshot_;
  StatsReport last_;
};

/// What live runs and replays say alike; reads counters that any thread may read.
RunStatus status_of(const Config& config, const LogWriter& logs, const StatsCollector& stats,
                    const std::vector<std::unique_ptr<Worker>>& workers);
/// Adds one source's counts to the ledger.
void add_source(const CounterBlock<CaptureCounter>& counters, RunStatus& status);
/// After all sources: the ledger adds up, although its counters were read one after the other.
void close_ledger(uint64_t dropped_end, Ledger& ledger);
uint64_t drops_of(const CounterBlock<CaptureCounter>& counters);
void set_losses(std::vector<Loss> losses, RunStatus& status);

/// What of the logs can change while a live sensor runs.
LogSettings log_settings(const Config& config);
/// The log thread as the configuration wants it.
Result<std::unique_ptr<LogWriter>> create_logs(const Config& config, size_t workers, bool replay);

/// What keeps files, or null when none are to be kept.
Result<std::unique_ptr<FileExtraction>> create_extraction(const Config& config, bool replay);

/// Some of what was to be kept could not be written. `extraction` may be null.
bool lost_bytes(const FileExtraction* extraction);

/// Reasons of loss, those of one name added up.
class LossList {
 public:
  void add(const CounterInfo& info, uint64_t n);
  void add_capture(const CounterBlock<CaptureCounter>& counters);
  void add_worker(const Worker& worker);
  void add_logs(const LogWriter& logs);
  /// `extraction` may be null.
  void add_extraction(const FileExtraction* extraction);
  std::vector<Loss> take() { return std::move(all_); }

 private:
  std::vector<Loss> all_;
};

}  // namespace sensor
