// Writes docs/LOGS.md from the field tables.
#include <fmt/format.h>

#include <cstdio>

#include "sensor/output/format.h"
#include "sensor/output/notice_kinds.h"
#include "sensor/record/registry.h"

namespace {

/// A sentence as a table cell.
std::string cell(std::string_view text) {
  std::string s;
  for (char c : text) {
    if (c == '|') s += '\\';
    s += c;
  }
  return s;
}

/// What there is to notice.
std::string notices() {
  std::string s =
      "\nKinds of notices; *optional* ones are those of `notice.optional` in the configuration.\n\n"
      "| note | severity | | raised by |\n|---|---|---|---|\n";
  for (const sensor::NoticeKindInfo& k : sensor::notice_kinds())
    s += fmt::format("| `{}` | {} | {} | {} |\n", k.name, k.severity, k.optional ? "optional" : "", cell(k.doc));
  return s;
}

std::string document() {
  std::string s =
      "# Logs\n\n"
      "Every log the sensor writes, with its columns in order. Generated from the field tables in `include/sensor/record/`: change those,\n"
      "then run `ninja -C build docs`.\n\n"
      "Columns are Zeek 8.0's, by name, order and type; our own come after Zeek's. A column marked *optional* can be unset: `-` in TSV, "
      "absent\n"
      "in JSON. Times are packet time in seconds since 1970 (UTC). An identifier (`uid`, `fuid`) is a letter and 17 base62 digits.\n";
  for (const sensor::LogInfo* log : sensor::all_logs()) {
    s += fmt::format("\n## {}.log\n\n{}\n\n| column | type | |\n|---|---|---|\n", log->path, log->doc);
    for (const sensor::ColumnInfo& c : log->columns) {
      if (c.hidden) continue;
      s += fmt::format("| `{}` | {}{} | {} |\n", c.name, sensor::zeek_type_name(c), c.optional ? ", optional" : "", cell(c.doc));
    }
    if (log->path == "notice") s += notices();
  }
  return s;
}

}  // namespace

int main() {
  const std::string text = document();
  return std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0 ? 0 : 1;
}
