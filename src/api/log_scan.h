// Rows of a log, those written last first, with a limit on the work.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "log_files.h"
#include "log_rows.h"

namespace sensor {

struct FoundRow {
  std::shared_ptr<const LogHead> head;
  std::string line;
};

struct ScanResult {
  std::vector<FoundRow> rows;  // newest first
  std::string next_cursor;     // empty: there is nothing more
  bool complete = true;        // false: the time was over
  bool bad_cursor = false;
  uint64_t scanned_bytes = 0;
};

using RowWanted = std::function<bool(const LogHead&, std::string_view line)>;
using LinesWanted = std::function<bool(std::string_view lines)>;

struct ScanOrder {
  std::vector<LogFilePlace> files;  // of one log, newest first
  RowWanted wanted;
  LinesWanted lines_wanted = {};  // false: none of these is; null: it cannot be told
  size_t limit = 100;
  std::string cursor;  // of the page before; empty: from the newest on
  /// Files that were written last before this are left out: their rows are older.
  double from = 0;
  /// Plain files are left where they are when this comes; a compressed one, which is read from its begin, is read to its end.
  std::chrono::steady_clock::time_point deadline;
};

ScanResult scan_log(const ScanOrder& order);

}  // namespace sensor
