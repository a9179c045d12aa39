// Who looks at which log's records.
#pragma once

#include <functional>
#include <map>
#include <span>
#include <vector>

#include "sensor/record/decoder.h"

namespace sensor {

/// A record that passes through the log thread, in merged order. Valid during the call.
struct SeenRecord {
  TimeNs due_ns = 0;
  std::span<const Cell> cells;
  bool kept = true;  // false: a reduction has left it out of its log
};

/// Conclusions that take more than one record, or a row in another log, are drawn by watchers. Belongs to the log thread.
class WatchList {
 public:
  using Watcher = std::function<void(const SeenRecord&)>;

  template <class Record>
  void add(Watcher watcher) {
    by_log_[&log_info<Record>()].push_back(std::move(watcher));
  }
  /// In the order in which they were added.
  std::span<const Watcher> of(const LogInfo& log) const {
    const auto it = by_log_.find(&log);
    return it == by_log_.end() ? std::span<const Watcher>() : it->second;
  }

 private:
  std::map<const LogInfo*, std::vector<Watcher>> by_log_;
};

/// A column's position, found when the program is compiled.
template <class Record>
consteval size_t column(std::string_view name) {
  const size_t i = column_index(log_info<Record>().columns, name);
  if (i == log_info<Record>().columns.size()) throw "no such column";
  return i;
}

}  // namespace sensor
