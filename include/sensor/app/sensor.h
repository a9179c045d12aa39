// The program's parts, built, started, stopped and joined.
#pragma once

#include <memory>

#include "sensor/app/config.h"
#include "sensor/base/result.h"

namespace sensor {

/// Owns capture, workers, log thread and statistics thread. Belongs to the main thread; one at a time or several in a row.
class Sensor {
 public:
  /// Opens every input. Error{Usage}: a file, the filter or the log directory is not usable; no log has been opened then.
  static Result<std::unique_ptr<Sensor>> create(const Config& config);
  ~Sensor();

  /// Reads everything, shows progress and the closing summary unless the configuration is quiet, and returns the exit status:
  /// 0, or 1 when something failed on the way (said on standard error).
  int run();
  /// Ends run() early: what was read is finished and written. Async-signal-safe.
  void stop();

 private:
  class Impl;
  explicit Sensor(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace sensor
