// A log read whole, its values in one form whatever format it was written in.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "sensor/base/result.h"

namespace sensor::tools {

/// A value. Numbers are without trailing zeros; texts are as they were before escaping.
struct LogValue {
  bool is_set = false;
  std::vector<std::string> items;  // one for a plain value

  bool operator==(const LogValue&) const = default;
  auto operator<=>(const LogValue&) const = default;
  /// For people: items joined by commas, "-" when unset, "(empty)" when there are none.
  std::string text() const;
};

struct LogTable {
  std::string name;  // "conn"
  bool is_json = false;
  std::vector<std::string> columns;
  std::vector<std::string> types;           // Zeek's; empty strings in JSON
  std::vector<std::vector<LogValue>> rows;  // as many values as columns

  /// Position of a column; columns.size() when there is none.
  size_t find(std::string_view column) const;
};

/// Reads a log of either format, told by its first character. Error: cannot be read, or a line is not what it should be.
Result<LogTable> read_log(const std::filesystem::path& file);
/// The same from text.
Result<LogTable> parse_log(std::string_view text, const std::string& name);
/// All logs of a directory (*.log; *.json where there is no .log), by name.
Result<std::map<std::string, LogTable>> read_logs(const std::filesystem::path& directory);

/// Makes values of a JSON log and of a TSV log comparable, whose texts differ where bytes were not printable.
void unescape_texts(LogTable& table);

}  // namespace sensor::tools
