#include "tools/logs/log_cutter.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <ctime>

#include "tools/logs/json_lines.h"

namespace sensor::tools {
namespace {

/// Control characters and separators must not break a line of output.
void add_escaped(std::string_view text, char separator, std::string& out) {
  static constexpr char kHex[] = "0123456789abcdef";
  for (char c : text) {
    const auto b = static_cast<unsigned char>(c);
    if (b < 0x20 || c == separator) {
      out += "\\x";
      out += kHex[b >> 4];
      out += kHex[b & 15];
    } else if (c == '\\') {
      out += "\\\\";
    } else {
      out += c;
    }
  }
}

}  // namespace

std::string format_time(std::string_view seconds, const std::string& format, bool utc) {
  int64_t whole = 0;
  const auto [end, error] = std::from_chars(seconds.data(), seconds.data() + seconds.size(), whole);
  if (error != std::errc()) return std::string(seconds);
  const auto t = static_cast<time_t>(whole);
  tm parts{};
  if ((utc ? gmtime_r : localtime_r)(&t, &parts) == nullptr) return std::string(seconds);
  std::array<char, 256> text;
  const size_t n = strftime(text.data(), text.size(), format.c_str(), &parts);
  return {text.data(), n};
}

struct LogCutter::Json {
  JsonLines lines;
  std::vector<JsonMember> members;
};

LogCutter::LogCutter(CutOptions options) : options_(std::move(options)), json_(std::make_unique<Json>()) {}
LogCutter::~LogCutter() = default;

bool LogCutter::line(std::string_view line, std::string& out) {
  if (line.ends_with('\r')) line.remove_suffix(1);
  if (line.empty()) return true;
  if (line.front() == '{') return json_line(line, out);
  if (line.front() == '#') {
    header_line(line, out);
  } else {
    data_line(line, out);
  }
  return true;
}

void LogCutter::choose_columns() {
  columns_known_ = true;
  columns_.clear();
  if (options_.fields.empty()) {
    for (size_t i = 0; i < header_.fields.size(); i++) columns_.push_back(i);
  } else if (options_.invert) {
    for (size_t i = 0; i < header_.fields.size(); i++) {
      if (std::find(options_.fields.begin(), options_.fields.end(), header_.fields[i]) == options_.fields.end()) columns_.push_back(i);
    }
  } else {
    for (const std::string& f : options_.fields) columns_.push_back(header_.find(f));
  }
}

void LogCutter::header_line(std::string_view line, std::string& out) {
  if (line.starts_with("#separator ")) header_ = TsvHeader{};
  header_.take(line);
  columns_known_ = false;
  const bool wanted = options_.headers == CutOptions::Headers::All || (options_.headers == CutOptions::Headers::First && !headers_done_);
  if (!wanted) return;
  const bool is_fields = line.starts_with("#fields"), is_types = line.starts_with("#types");
  if (!is_fields && !is_types) {
    out.append(line).append("\n");
    return;
  }
  choose_columns();
  out += is_fields ? "#fields" : "#types";
  for (size_t k = 0; k < columns_.size(); k++) {
    out += options_.output_separator.empty() ? std::string(1, header_.separator) : options_.output_separator;
    const size_t i = columns_[k];
    if (i == header_.fields.size()) {
      out += is_fields ? options_.fields[k] : "string";
    } else {
      out += is_fields ? std::string_view(header_.fields[i]) : header_.type(i);
    }
  }
  out += '\n';
}

void LogCutter::add_cell(std::string_view cell, std::string_view type, std::string& out) const {
  if (type == "time" && !options_.time_format.empty() && cell != header_.unset_field) {
    out += format_time(cell, options_.time_format, options_.utc);
  } else {
    out += cell;
  }
}

void LogCutter::data_line(std::string_view line, std::string& out) {
  headers_done_ = true;
  if (!columns_known_) choose_columns();
  const auto cells = split(line, header_.separator);
  bool first = true;
  for (const size_t i : columns_) {
    if (!first) out += options_.output_separator.empty() ? std::string(1, header_.separator) : options_.output_separator;
    first = false;
    if (i < cells.size() && i < header_.fields.size()) {
      add_cell(cells[i], header_.type(i), out);
    } else {
      out += header_.unset_field;
    }
  }
  out += '\n';
}

bool LogCutter::json_line(std::string_view line, std::string& out) {
  headers_done_ = true;
  if (!json_->lines.parse(line, json_->members)) return false;
  const auto& members = json_->members;
  std::vector<const JsonMember*> chosen;
  if (options_.fields.empty() || options_.invert) {
    for (const JsonMember& m : members) {
      if (std::find(options_.fields.begin(), options_.fields.end(), m.key) == options_.fields.end()) chosen.push_back(&m);
    }
  } else {
    for (const std::string& f : options_.fields) {
      const auto it = std::find_if(members.begin(), members.end(), [&f](const JsonMember& m) { return m.key == f; });
      chosen.push_back(it == members.end() ? nullptr : &*it);
    }
  }
  const std::string separator = options_.output_separator.empty() ? "\t" : options_.output_separator;
  bool first = true;
  for (const JsonMember* m : chosen) {
    if (!first) out += separator;
    first = false;
    if (m == nullptr || !m->is_set) {
      out += "-";
    } else if (m->items.empty()) {
      out += "(empty)";
    } else if (m->key == "ts" && m->is_number && !options_.time_format.empty()) {
      out += format_time(m->items.front(), options_.time_format, options_.utc);
    } else {
      for (size_t i = 0; i < m->items.size(); i++) {
        if (i > 0) out += ',';
        add_escaped(m->items[i], separator.front(), out);
      }
    }
  }
  out += '\n';
  return true;
}

}  // namespace sensor::tools
