// Rates over time: the last hour by second, the last 30 days by minute, in a SQLite file that outlives the process.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "database.h"
#include "sensor/base/result.h"

namespace sensor {

/// What happened since the sample before.
struct HistorySample {
  int64_t time = 0;    // seconds since 1970
  double seconds = 0;  // that it covers
  uint64_t packets = 0, bits = 0, connections = 0, drops = 0, records = 0;
  // Now.
  uint64_t connections_open = 0, memory_bytes = 0;
  double cpu_percent = 0;
  std::vector<std::pair<std::string, uint64_t>> drop_reasons, protocols;
};

struct HistoryRange {
  int64_t from = 0, to = 0, step = 1;
};

class History {
 public:
  static constexpr int64_t kFineSeconds = 3600, kCoarseSeconds = 30 * 86'400, kCoarseStep = 60;
  static constexpr int64_t kMaxPoints = 3600;
  static constexpr size_t kMaxNames = 12;

  /// A file that is no database is put aside, as PATH.damaged. Error{Usage}: it cannot be had.
  static Result<std::unique_ptr<History>> open(const std::string& path);
  ~History();

  /// Takes a sample; a thread of its own writes it. When the disk is slow, samples beyond some minutes are left out. Any thread.
  void add(HistorySample sample);
  /// What there is for a wish: the step enlarged, the range cut.
  static HistoryRange allowed(HistoryRange wished, int64_t now);
  /// GET /api/v1/history's answer. Any thread. Error{RunTime}.
  Result<std::string> json(const HistoryRange& range) const;

 private:
  History(std::string path, Database database);
  void run();
  void write(const HistorySample& s);
  void write_at(int64_t step, const HistorySample& s);
  void prune(int64_t now);

  static constexpr size_t kMaxWaiting = 300;

  const std::string path_;
  Database database_;  // the thread's
  Database::Statement totals_, details_, prune_totals_, prune_details_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<HistorySample> waiting_;
  bool ending_ = false;
  std::thread thread_;
};

}  // namespace sensor
