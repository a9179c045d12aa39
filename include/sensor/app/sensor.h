// The program's parts, built, started, stopped and joined.
#pragma once

#include <functional>
#include <memory>

#include "sensor/api/live_status.h"
#include "sensor/app/config.h"
#include "sensor/base/result.h"

namespace sensor {

/// Reads the configuration once more: for reload().
using ReadAgain = std::function<Result<Config>()>;

/// Which of a run's lists of the busiest.
enum class TopPeriod : uint8_t { Current, Last, Run };

/// Owns capture, workers, log thread and statistics thread: of a replay, or live. Belongs to one thread; several in a row in one process.
class Sensor {
 public:
  /// Opens every input. Error{Usage}: a file, an interface, the filter or the log directory is not usable. Error{RunTime}: live, the right
  /// to capture is missing, or memory. No log has been opened then.
  static Result<std::unique_ptr<Sensor>> create(const Config& config, ReadAgain read_again = {});
  /// The same for a process that has given up its rights and has endpoints of its own ('sensor serve').
  static Result<std::unique_ptr<Sensor>> create_within(const Config& config, ReadAgain read_again);
  virtual ~Sensor() = default;

  /// Reads everything (live: until stop() or the end of the configured time), shows progress and the closing summary unless the
  /// configuration is quiet, and returns the exit status: 0, or 1 when something failed on the way (said on standard error).
  virtual int run() = 0;
  /// Ends run() early: what was read is finished and written. Async-signal-safe.
  virtual void stop() = 0;
  /// Live: reads the configuration again, soon, and takes over what can change. Async-signal-safe.
  virtual void reload() {}

  /// What it does. From run()'s begin on, any thread.
  virtual RunStatus status() const = 0;
  virtual StatsReport top(TopPeriod period) const = 0;
  /// What went wrong; empty: nothing. After run().
  virtual std::string failure() const = 0;
};

}  // namespace sensor
