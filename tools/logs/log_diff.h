// Compares two sets of logs by content: what sensor-diff does.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "tools/logs/log_table.h"

namespace sensor::tools {

struct DiffOptions {
  std::set<std::string> ignored_columns;
  std::set<std::string> ignored_logs;
  std::set<std::string> only_logs;  // empty: all
  /// Columns that one side lacks are no difference.
  bool common_columns = false;
  /// Differences that are described in full, per log.
  size_t max_shown = 10;
};

struct DiffResult {
  bool equal = true;
  std::string report;  // for people; ends with a newline unless empty
};

/// Rows are paired by the content of their columns, in any order. Columns with identifiers (uid, fuid and the like) agree when one and
/// the same identifier of the one side always stands where one and the same identifier of the other side does, across all logs. Sets
/// are compared without order where a type says that they are sets.
DiffResult diff_logs(std::map<std::string, LogTable> a, std::map<std::string, LogTable> b, const DiffOptions& options);

}  // namespace sensor::tools
