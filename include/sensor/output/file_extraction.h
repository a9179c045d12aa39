// Keeps the files that protocols carried, in a directory, as far as limits go.
//
// Workers hand pieces over under a mutex, one for some 64 KiB; a thread of its own writes them. A disk that is full, gone or slow stops
// nothing else: what cannot be written is lost and counted.
#pragma once

#include <array>
#include <atomic>
#include <condition_variable>
#include <deque>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "sensor/base/counters.h"
#include "sensor/base/result.h"
#include "sensor/record/file_sink.h"

namespace sensor {

enum class ExtractionCounter : uint8_t { Files, BytesWritten, FilesRefused, PiecesRefused, BytesLost, kCount };
inline constexpr CounterInfo kExtractionCounters[] = {
    {"files_extracted", "files that were begun to be kept"},
    {"file_bytes_extracted", "bytes of kept files that were written"},
    {"files_not_extracted", "files that were not kept, because enough were, or too many came within a minute"},
    {"files_cut_off", "kept files that ended early: the bytes in all were reached, or the disk did not keep up"},
    {"file_bytes_lost", "bytes of kept files that could not be written"},
};

struct FileExtractionOptions {
  std::filesystem::path directory;  // created when missing
  uint64_t max_files = 10'000;      // in all
  uint64_t max_bytes = 10ULL << 30;
  uint64_t max_files_per_minute = 600;  // of packet time; 0: any number
  size_t max_queued_bytes = 32 << 20;   // that wait for the thread
  /// Replay: a worker waits while the queue is full and the thread gets on, at most kLongestStall for one piece of progress. Live: it
  /// never waits.
  bool patient = false;
  /// Told in the writing thread, once per cause, when something cannot be written. One sentence.
  std::function<void(const std::string&)> report;
};

class FileExtraction final : public FileSink {
 public:
  static constexpr std::chrono::seconds kLongestStall{3};

  /// Makes the directory; an error (usage) when the directory cannot be made or written to.
  static Result<std::unique_ptr<FileExtraction>> create(FileExtractionOptions options);
  ~FileExtraction() override;

  /// Starts the thread. Pieces may come before that; a patient worker then waits.
  void start();
  bool admit(TimeNs now_ns) override;
  bool take(FilePiece piece) override;

  /// Writes what waits, and ends the thread; gives up when nothing was written for kLongestStall. The workers must have been joined.
  void finish();
  /// Any thread.
  uint64_t get(ExtractionCounter c) const;

 private:
  struct Shared;
  explicit FileExtraction(FileExtractionOptions options);
  static void run(const std::shared_ptr<Shared>& shared);

  // The thread's as well: one that hangs in the kernel outlives this object.
  std::shared_ptr<Shared> shared_;
  std::thread thread_;
};

}  // namespace sensor
