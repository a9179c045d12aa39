// What replays and live runs have in common.
#pragma once

#include <memory>
#include <vector>

#include "sensor/app/sensor.h"
#include "sensor/app/summary.h"
#include "sensor/capture/capture_counters.h"
#include "sensor/output/log_writer.h"
#include "sensor/worker/worker.h"

namespace sensor {

/// A sensor that reads capture files, and one that reads interfaces. Errors as Sensor::create().
Result<std::unique_ptr<Sensor>> create_replay(const Config& config);
Result<std::unique_ptr<Sensor>> create_live(const Config& config, ReadAgain read_again);

/// The log thread as the configuration wants it.
Result<std::unique_ptr<LogWriter>> create_logs(const Config& config, size_t workers, bool replay);

/// Reasons of loss, those of one name added up.
class LossList {
 public:
  void add(const CounterInfo& info, uint64_t n);
  void add_capture(const CounterBlock<CaptureCounter>& counters);
  void add_worker(const Worker& worker);
  void add_logs(const LogWriter& logs);
  std::vector<Loss> take() { return std::move(all_); }

 private:
  std::vector<Loss> all_;
};

}  // namespace sensor
