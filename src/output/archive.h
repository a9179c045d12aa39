// Where closed logs go: named by the time they span, compressed in the background, kept for as long as wanted.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <filesystem>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

#include "sensor/output/format.h"
#include "sensor/output/rotation.h"

namespace sensor {

/// Takes over closed logs. Names as Zeek's archive: YYYY-MM-DD/conn.HH:MM:SS-HH:MM:SS.log.gz. A thread of its own compresses and deletes;
/// the log thread only renames.
class LogArchive {
 public:
  /// `options.archive` is not empty. `report`: told in the archive's thread what went wrong, one sentence. `patient`: the destructor waits
  /// until everything is compressed (replay); if not, what is left stays as it is, and is compressed by the next run's archive.
  LogArchive(RotationOptions options, bool patient, std::function<void(const std::string&)> report);
  ~LogArchive();

  /// A free name for a log, e.g. "conn" and ".log", that spans these times; its directory is made. Empty when that fails.
  std::filesystem::path place_for(const std::string& log, const std::string& suffix, TimeNs start, TimeNs end, Clockface clockface);
  /// The file lies at its place and is complete.
  void add(const std::filesystem::path& file);
  void set_options(const RotationOptions& options);

  /// Logs taken over, and those that could not be compressed (they stay as they are). Any thread.
  uint64_t archived() const { return archived_.load(std::memory_order_relaxed); }
  uint64_t failed() const { return failed_.load(std::memory_order_relaxed); }

 private:
  void run();
  void take_over_leftovers();
  void compress(const std::filesystem::path& file);
  void delete_old(const RotationOptions& options);

  const bool patient_;
  std::function<void(const std::string&)> report_;
  std::atomic<bool> hurry_{false};  // ending, and not patient
  std::atomic<uint64_t> archived_{0}, failed_{0};
  std::mutex mutex_;
  std::condition_variable wake_;
  RotationOptions options_;                    // under the mutex
  std::deque<std::filesystem::path> waiting_;  // likewise
  bool ending_ = false;                        // likewise
  std::thread thread_;
};

/// The first multiple of `interval` since midnight that is later than `t`.
TimeNs next_rotation(TimeNs t, DurationNs interval, Clockface clockface);

}  // namespace sensor
