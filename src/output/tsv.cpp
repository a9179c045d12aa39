#include <fmt/format.h>

#include <ctime>

#include "escape.h"
#include "numbers.h"
#include "sensor/output/format.h"

namespace sensor {
namespace {

constexpr std::string_view kUnset = "-", kEmpty = "(empty)";

/// Text that would read as unset or empty has its first character escaped.
void add_text(std::string_view text, bool in_container, TextBuffer& out) {
  if (text.empty()) {
    out.add(kEmpty);
  } else if (text == kUnset || text == kEmpty) {
    add_hex_escape(text.front(), out);
    out.add(text.substr(1));
  } else {
    escape_tsv(text, in_container, out);
  }
}

inline void add_value(FieldType type, const Cell& cell, bool in_container, TextBuffer& out) {
  if (!cell.present) return out.add(kUnset);
  switch (type) {
    case FieldType::Time:
      return add_tsv_time(cell.as_signed(), out);
    case FieldType::Interval:
      return add_tsv_interval(cell.as_signed(), out);
    case FieldType::String:
    case FieldType::Enum:
      return add_text(cell.chars(), in_container, out);
    case FieldType::Addr: {
      char* p = out.reserve(64);
      return out.commit(cell.address().write(p));
    }
    case FieldType::Port:
    case FieldType::Count:
      return out.add_number(cell.number);
    case FieldType::Int:
      return out.add_number(cell.as_signed());
    case FieldType::Double:
      return add_tsv_double(std::bit_cast<double>(cell.number), out);
    case FieldType::Bool:
      return out.add(cell.number != 0 ? 'T' : 'F');
    case FieldType::Uid: {
      char* p = out.reserve(kUidChars);
      return out.commit(write_uid(cell.uid(), p));
    }
  }
}

void add_container(FieldType type, const Cell& cell, TextBuffer& out) {
  if (cell.number == 0) return out.add(kEmpty);
  ByteReader in(cell.data);
  Cell item;
  for (uint64_t i = 0; i < cell.number && decode_value(type, in, item); i++) {
    if (i > 0) out.add(',');
    add_value(type, item, true, out);
  }
}

std::string_view zeek_type(FieldType type) {
  switch (type) {
    case FieldType::Time:
      return "time";
    case FieldType::Interval:
      return "interval";
    case FieldType::Enum:
      return "enum";
    case FieldType::Addr:
      return "addr";
    case FieldType::Port:
      return "port";
    case FieldType::Count:
      return "count";
    case FieldType::Int:
      return "int";
    case FieldType::Double:
      return "double";
    case FieldType::Bool:
      return "bool";
    case FieldType::String:
    case FieldType::Uid:
      break;
  }
  return "string";
}

}  // namespace

std::string zeek_type_name(const ColumnInfo& column) {
  switch (column.container) {
    case Container::Set:
      return fmt::format("set[{}]", zeek_type(column.type));
    case Container::Vector:
      return fmt::format("vector[{}]", zeek_type(column.type));
    case Container::One:
      break;
  }
  return std::string(zeek_type(column.type));
}

std::string tsv_timestamp(TimeNs time_ns, Clockface clockface) {
  const auto seconds = static_cast<time_t>(time_ns / kSecond);
  tm t{};
  (clockface == Clockface::Utc ? gmtime_r : localtime_r)(&seconds, &t);
  return fmt::format("{:04}-{:02}-{:02}-{:02}-{:02}-{:02}", t.tm_year + 1900, t.tm_mon + 1, t.tm_mday, t.tm_hour, t.tm_min, t.tm_sec);
}

void format_tsv_cell(const ColumnInfo& column, const Cell& cell, TextBuffer& out) {
  if (column.container == Container::One || !cell.present) {
    add_value(column.type, cell, false, out);
  } else {
    add_container(column.type, cell, out);
  }
}

void format_tsv_row(const LogInfo& log, std::span<const Cell> cells, TextBuffer& out) {
  const size_t start = out.size();
  for (size_t i = 0; i < log.columns.size(); i++) {
    if (log.columns[i].hidden) continue;
    if (out.size() != start) out.add('\t');
    format_tsv_cell(log.columns[i], cells[i], out);
  }
  out.add('\n');
}

void format_tsv_header(const LogInfo& log, std::string_view open, TextBuffer& out) {
  out.add("#separator \\x09\n#set_separator\t,\n#empty_field\t(empty)\n#unset_field\t-\n#path\t");
  out.add(log.path);
  out.add("\n#open\t");
  out.add(open);
  out.add("\n#fields");
  for (const ColumnInfo& c : log.columns) {
    if (c.hidden) continue;
    out.add('\t');
    out.add(c.name);
  }
  out.add("\n#types");
  for (const ColumnInfo& c : log.columns) {
    if (c.hidden) continue;
    out.add('\t');
    out.add(zeek_type_name(c));
  }
  out.add('\n');
}

void compute_cells(const LogInfo& log, std::span<Cell> cells, std::span<char> storage) {
  for (const size_t i : log.computed) {
    if (storage.size() < kMaxComputedChars) return;
    const size_t n = log.columns[i].compute(cells, storage.first(kMaxComputedChars));
    cells[i].present = n > 0;
    cells[i].data = as_bytes({storage.data(), n});
    storage = storage.subspan(kMaxComputedChars);
  }
}

}  // namespace sensor
