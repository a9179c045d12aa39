// Picks columns out of logs, line by line: what sensor-cut does.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tools/logs/tsv_lines.h"

namespace sensor::tools {

struct CutOptions {
  std::vector<std::string> fields;  // empty: all
  bool invert = false;              // all but the fields
  enum class Headers { None, First, All } headers = Headers::None;
  std::string output_separator;  // empty: that of the log
  /// strftime format for columns of type time; empty: seconds as they stand in the log.
  std::string time_format;
  bool utc = false;
};

/// Feed it lines of any number of logs one after the other, TSV or JSON (one object per line), without their newline.
/// A column that a log does not have is written as unset.
class LogCutter {
 public:
  explicit LogCutter(CutOptions options);
  ~LogCutter();
  /// Appends what the line becomes, newline included. False when the line is no JSON object though it looks like one; it is left out.
  bool line(std::string_view line, std::string& out);

 private:
  void header_line(std::string_view line, std::string& out);
  void data_line(std::string_view line, std::string& out);
  bool json_line(std::string_view line, std::string& out);
  void choose_columns();
  void add_cell(std::string_view cell, std::string_view type, std::string& out) const;

  CutOptions options_;
  TsvHeader header_;
  std::vector<size_t> columns_;  // positions in the log; fields.size(): missing
  bool columns_known_ = false;
  bool headers_done_ = false;  // a data line came after the first header
  struct Json;
  std::unique_ptr<Json> json_;
};

/// A time as zeek-cut writes it: `seconds` with a fraction, or as it stands when it is no number.
std::string format_time(std::string_view seconds, const std::string& format, bool utc);

}  // namespace sensor::tools
