// Rows of logs as they stand in files: what they match, and as JSON.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sensor/api/json_text.h"

namespace sensor {

/// What the head of a file says. JSON lines have no head: `fields` is empty.
struct LogHead {
  bool json = false;
  char separator = '\t', set_separator = ',';
  std::string unset = "-", empty = "(empty)";
  std::vector<std::string> fields, types;
  /// Tells files of one log apart, whatever their name is and whether they are compressed.
  uint64_t identity = 0;

  static LogHead read(std::string_view text);
  /// fields.size(): there is none.
  size_t find(std::string_view field) const;
};

/// A row's value that may be several.
struct LogCell {
  std::string_view name, type;      // type: Zeek's; empty in JSON
  std::vector<std::string> values;  // unescaped
};

/// Calls f(LogCell) for every value that is set, until f is false. Rows that cannot be read have none.
class LogRowReader {
 public:
  LogRowReader();
  ~LogRowReader();
  template <class F>
  void for_each(const LogHead& head, std::string_view line, F f) {
    if (!open(head, line)) return;
    LogCell cell;
    while (next(cell))
      if (!f(cell)) return;
  }

 private:
  bool open(const LogHead& head, std::string_view line);
  bool next(LogCell& cell);
  struct State;
  std::unique_ptr<State> state_;
};

/// A row as a JSON object; empty: it cannot be read.
std::string row_json(const LogHead& head, std::string_view line);
/// The columns of a log: of the head, or, for JSON lines and without files, of the sensor's own table. An array.
void add_fields(std::string_view log, const LogHead* head, JsonWriter& w);
bool is_known_log(std::string_view log);

/// Which rows are wanted; all that is set must hold.
struct LogFilter {
  std::optional<double> from, to;  // of ts
  std::string value;               // is the value of some column
  std::string address;             // the same, as inet_ntop() writes it
  std::string text;                // occurs in some column; lower case
  std::optional<uint32_t> port;
};

bool contains(std::string_view text, std::string_view needle);

/// Belongs to one thread.
class LogMatcher {
 public:
  explicit LogMatcher(const LogFilter& filter);
  bool matches(const LogHead& head, std::string_view line);
  /// False: no row in these lines is wanted. Much quicker than to look at each.
  bool may_match(std::string_view lines);

 private:
  bool time_fits(const LogHead& head, std::string_view line) const;
  const LogFilter& filter_;
  const std::string port_;
  const bool text_stands_as_it_is_;  // in a file: no character of it would be escaped
  LogRowReader reader_;
  std::string folded_;
};

uint64_t fnv1a(std::string_view text);

}  // namespace sensor
