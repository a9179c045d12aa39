// The files of the logs: those that are written now, and the archive's.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sensor {

struct LogFilePlace {
  std::string path, log;  // log: "conn"
  std::string age;        // larger: newer
  uint64_t bytes = 0;
  double modified = 0;  // seconds since 1970
  bool compressed = false;
};

/// Lower-case letters, digits and '_'; at most 64 characters.
bool is_log_name(std::string_view name);

/// The files of one log (empty: of all), newest first. Where a log is written as TSV and as JSON, the TSV files are taken. `archive` empty:
/// the directories of days are in `directory`.
std::vector<LogFilePlace> log_files(const std::string& directory, const std::string& archive, std::string_view log);

}  // namespace sensor
