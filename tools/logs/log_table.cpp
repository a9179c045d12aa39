#include "tools/logs/log_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <cstring>
#include <fstream>
#include <iterator>

#include "tools/logs/json_lines.h"
#include "tools/logs/tsv_lines.h"

namespace sensor::tools {
namespace {

bool is_fraction_type(std::string_view type) {
  return type == "time" || type == "interval" || type == "double";
}

/// Six digits after the point, without trailing zeros: what both formats have in common.
std::string plain_number(std::string_view text) {
  if (text.find_first_of(".eE") == std::string_view::npos) return std::string(text);
  double v = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), v);
  if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(v)) return std::string(text);
  std::string s = fmt::format("{:.6f}", v);
  s.erase(s.find_last_not_of('0') + 1);
  if (s.ends_with('.')) s.pop_back();
  return s == "-0" ? "0" : s;
}

std::string element_type(const std::string& type) {
  const size_t open = type.find('[');
  return open == std::string::npos || !type.ends_with(']') ? std::string() : type.substr(open + 1, type.size() - open - 2);
}

std::string tsv_item(std::string_view text, std::string_view type, const TsvHeader& h) {
  if (is_fraction_type(type)) return plain_number(text);
  return text == h.empty_field ? std::string() : unescape(text);
}

LogValue tsv_value(std::string_view cell, const std::string& type, const TsvHeader& h) {
  LogValue v;
  if (cell == h.unset_field) return v;
  v.is_set = true;
  const std::string inner = element_type(type);
  if (inner.empty()) {
    v.items.push_back(tsv_item(cell, type, h));
  } else if (cell != h.empty_field) {
    for (std::string_view item : split(cell, h.set_separator.empty() ? ',' : h.set_separator.front())) {
      v.items.push_back(tsv_item(item, inner, h));
    }
  }
  return v;
}

Error damaged(const std::string& name, size_t line, const std::string& what) {
  return {Error::Usage, fmt::format("{} line {}: {}", name, line, what)};
}

/// Calls f(line, number) for every line that is not empty; stops when it says so.
template <class F>
bool for_each_line(std::string_view text, F f) {
  for (size_t number = 1; !text.empty(); number++) {
    const size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    if (!line.empty() && !f(line, number)) return false;
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return true;
}

Result<LogTable> parse_tsv(std::string_view text, const std::string& name) {
  LogTable table;
  table.name = name;
  TsvHeader header;
  Error error;
  const bool good = for_each_line(text, [&](std::string_view line, size_t number) {
    if (line.front() == '#') {
      header.take(line);
      if (line.starts_with("#fields") && !table.columns.empty() && table.columns != header.fields) {
        error = damaged(name, number, "the columns change within the file");
        return false;
      }
      table.columns = header.fields;
      return true;
    }
    const auto cells = split(line, header.separator);
    if (cells.size() != header.fields.size() || header.types.size() != header.fields.size()) {
      error = damaged(name, number, fmt::format("{} cells, {} fields, {} types", cells.size(), header.fields.size(), header.types.size()));
      return false;
    }
    auto& row = table.rows.emplace_back();
    for (size_t i = 0; i < cells.size(); i++) row.push_back(tsv_value(cells[i], header.types[i], header));
    return true;
  });
  if (!good) return error;
  table.types = header.types;
  table.types.resize(table.columns.size());
  return table;
}

void add_json_row(const std::vector<JsonMember>& members, LogTable& table) {
  auto& row = table.rows.emplace_back(table.columns.size());
  for (const JsonMember& m : members) {
    const size_t i = table.find(m.key);
    if (i == table.columns.size()) {
      table.columns.push_back(m.key);
      row.emplace_back();
    }
    row[i].is_set = m.is_set;
    row[i].items = m.is_set ? m.items : std::vector<std::string>();
    if (m.is_number) {
      for (std::string& item : row[i].items) item = plain_number(item);
    }
  }
}

Result<LogTable> parse_json(std::string_view text, const std::string& name) {
  LogTable table;
  table.name = name;
  table.is_json = true;
  JsonLines lines;
  std::vector<JsonMember> members;
  Error error;
  const bool good = for_each_line(text, [&](std::string_view line, size_t number) {
    if (!lines.parse(line, members)) {
      error = damaged(name, number, "not a JSON object of plain values and arrays");
      return false;
    }
    add_json_row(members, table);
    return true;
  });
  if (!good) return error;
  for (auto& row : table.rows) row.resize(table.columns.size());
  table.types.resize(table.columns.size());
  return table;
}

}  // namespace

std::string LogValue::text() const {
  if (!is_set) return "-";
  if (items.empty()) return "(empty)";
  return fmt::format("{}", fmt::join(items, ","));
}

size_t LogTable::find(std::string_view column) const {
  return static_cast<size_t>(std::find(columns.begin(), columns.end(), column) - columns.begin());
}

Result<LogTable> parse_log(std::string_view text, const std::string& name) {
  return text.starts_with('{') ? parse_json(text, name) : parse_tsv(text, name);
}

Result<LogTable> read_log(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) return Error{Error::Usage, fmt::format("cannot read {}: {}", file.string(), std::strerror(errno))};
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  if (in.bad()) return Error{Error::Usage, fmt::format("cannot read {}", file.string())};
  return parse_log(text, file.stem().string());
}

Result<std::map<std::string, LogTable>> read_logs(const std::filesystem::path& directory) {
  std::map<std::string, std::filesystem::path> files;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(directory, error)) {
    const auto& path = entry.path();
    if (path.extension() == ".log") files[path.stem().string()] = path;
    if (path.extension() == ".json") files.try_emplace(path.stem().string(), path);
  }
  if (error) return Error{Error::Usage, fmt::format("cannot read the directory {}: {}", directory.string(), error.message())};
  std::map<std::string, LogTable> logs;
  for (const auto& [name, path] : files) {
    auto table = read_log(path);
    if (!table.ok()) return table.error();
    logs.emplace(name, std::move(table).value());
  }
  return logs;
}

void unescape_texts(LogTable& table) {
  for (auto& row : table.rows) {
    for (LogValue& v : row) {
      for (std::string& item : v.items) item = unescape(item);
    }
  }
}

}  // namespace sensor::tools
