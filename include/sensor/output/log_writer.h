// The log thread: merges the workers' records and writes the logs.
//
//   auto log = LogWriter::create(options);          // before the workers start
//   log.value()->start();
//   RecordWriter& w = log.value()->worker(i);       // worker i writes; calls w.advance(now) once per burst
//   …                                               // workers are joined
//   log.value()->finish(time_of_last_packet);       // everything is in the files, closing lines included
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "sensor/base/counters.h"
#include "sensor/base/queue_depth.h"
#include "sensor/base/result.h"
#include "sensor/output/asset_options.h"
#include "sensor/output/rotation.h"
#include "sensor/record/record_writer.h"

namespace sensor {

/// Fate of every record that reached the log thread: kReceived + kMade = kWritten + kReduced + kLostOnWrite + kMalformed + what is held.
/// With two formats a record is written when it stands in both files.
enum class LogCounter : uint8_t {
  Received,
  Made,
  Written,
  Reduced,
  LostOnWrite,
  Malformed,
  Late,
  Forced,
  Dropped,
  TooLarge,
  kCount,
};
inline constexpr CounterInfo kLogCounters[] = {
    {"log_records_received", "records that reached the log thread"},
    {"log_records_made", "rows that the log thread made itself: notices, known hosts and their like"},
    {"log_records_written", "records that stand in the files"},
    {"log_records_reduced",
     "repeats that Zeek's policies leave out: known certificates, sampled and repeated weirds; messages joined with others"},
    {"log_records_lost", "records lost because a file could not be written"},
    {"log_records_malformed", "records the log thread could not read"},
    {"log_records_late", "records written after one that was due later"},
    {"log_records_forced", "records written before all workers had reached their time, because too many were held"},
    {"log_records_dropped", "records dropped because the ring to the log thread was full"},
    {"log_records_too_large", "records too large for a batch"},
};

enum class LogFormats : uint8_t { Tsv, Json, Both };

/// What can change while a live run goes on.
struct LogSettings {
  LogFormats formats = LogFormats::Tsv;
  RotationOptions rotation;
  NoticeOptions notices;
  AssetOptions assets;
};

struct LogWriterOptions : LogSettings {
  std::filesystem::path directory;  // created when missing
  /// Replay: #open and #close carry packet time and a full ring makes the worker wait. Live: the wall clock, and a full ring drops.
  bool replay = true;
  size_t workers = 1;
  /// Writers whose logs are theirs alone, such as the statistics thread's; live, their records are not merged with others.
  size_t side_writers = 1;
  /// Replay: the side writers call advance() as time goes by, too. Then notices that follow from their records stand in the same place in
  /// every run.
  bool side_writers_advance = false;
  size_t ring_batches = 16;  // full batches a writer can be ahead of the log thread
  /// Batches the merge may hold (64 KiB each) while one worker is behind; beyond it, records are written without waiting for that worker.
  size_t max_held_batches = 1024;
  /// Told in the log thread, once per cause, when something cannot be written. One sentence.
  std::function<void(const std::string&)> report;
};

/// A log that was written.
struct WrittenLog {
  std::filesystem::path path;
  uint64_t rows = 0;
};

class LogWriter {
 public:
  /// Makes the directory; an error (usage) when that fails or it cannot be written to. Opens no log.
  static Result<std::unique_ptr<LogWriter>> create(LogWriterOptions options);
  ~LogWriter();

  /// Starts the log thread. Writers may write before that, but wait when their ring is full.
  void start();
  /// The writer of worker i, for that worker's thread alone. Lives as long as this object.
  RecordWriter& worker(size_t i);
  RecordWriter& side_writer(size_t i);

  /// Live: from now on like this. What was counted or told before is remembered. Any thread.
  void reconfigure(const LogSettings& settings);
  /// Live: from now on a writer whose ring is full waits. Before the workers finish, so that the last records are not dropped. Any thread.
  void wait_when_full();
  /// Hands over what all writers hold, writes everything, ends the log thread. The threads that own the writers must have been joined.
  /// `end_ns`: packet time of the end, for #close in replay.
  void finish(TimeNs end_ns);

  /// Any thread.
  uint64_t get(LogCounter c) const;
  /// Of worker i's ring. Any thread.
  QueueDepth queue(size_t i) const;
  /// Rows could not be written, or files not closed. After finish().
  bool had_trouble() const;
  /// The files that were made, in the order of their names. After finish().
  std::vector<WrittenLog> written_logs() const;

 private:
  class Impl;
  explicit LogWriter(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
};

}  // namespace sensor
