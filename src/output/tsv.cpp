#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <ctime>

#include "escape.h"
#include "numbers.h"
#include "sensor/output/format.h"
#include "sensor/record/registry.h"

namespace sensor {
namespace {

constexpr std::string_view kUnset = "-", kEmpty = "(empty)";

char* write_chars(std::string_view text, char* out) {
  return std::copy(text.begin(), text.end(), out);
}

char* write_number(uint64_t v, char* out) {
  if (v < 10) {
    *out = static_cast<char>('0' + v);
    return out + 1;
  }
  return std::to_chars(out, out + kNumberChars, v).ptr;
}

/// Text that would read as unset or empty has its first character escaped.
char* write_text(std::string_view text, bool in_container, char* out) {
  if (text.empty()) return write_chars(kEmpty, out);
  if (text == kUnset || text == kEmpty) return write_chars(text.substr(1), write_hex_escape(text.front(), out));
  return write_tsv_text(text, in_container, out);
}

/// Room for any value that is not in a container.
size_t value_room(const Cell& cell) {
  return kNumberChars + kEscapeChars * cell.data.size();
}

char* write_unset(char* out) {
  *out = kUnset.front();
  return out + 1;
}

char* write_value(FieldType type, const Cell& cell, bool in_container, char* out) {
  if (!cell.present) return write_unset(out);
  switch (type) {
    case FieldType::Time:
      return write_tsv_time(cell.as_signed(), out);
    case FieldType::FarTime:
      return write_tsv_far_time(cell.as_signed(), out);
    case FieldType::Interval:
      return write_tsv_interval(cell.as_signed(), out);
    case FieldType::String:
    case FieldType::Enum:
      return write_text(cell.chars(), in_container, out);
    case FieldType::Addr:
      return cell.address().write(out);
    case FieldType::Port:
    case FieldType::Count:
      return write_number(cell.number, out);
    case FieldType::Int:
      return std::to_chars(out, out + kNumberChars, cell.as_signed()).ptr;
    case FieldType::Double:
      return write_tsv_double(std::bit_cast<double>(cell.number), out);
    case FieldType::Bool:
      *out = cell.number != 0 ? 'T' : 'F';
      return out + 1;
    case FieldType::Uid:
      return write_uid(cell.uid(), out);
  }
  return out;
}

void add_container(FieldType type, const Cell& cell, TextBuffer& out) {
  if (cell.number == 0) return out.add(kEmpty);
  ByteReader in(cell.data);
  Cell item;
  for (uint64_t i = 0; i < cell.number && decode_value(type, in, item); i++) {
    if (i > 0) out.add(',');
    out.commit(write_value(type, item, true, out.reserve(value_room(item))));
  }
}

}  // namespace

std::string tsv_timestamp(TimeNs time_ns, Clockface clockface) {
  const auto seconds = static_cast<time_t>(time_ns / kSecond);
  tm t{};
  (clockface == Clockface::Utc ? gmtime_r : localtime_r)(&seconds, &t);
  return fmt::format("{:04}-{:02}-{:02}-{:02}-{:02}-{:02}", t.tm_year + 1900, t.tm_mon + 1, t.tm_mday, t.tm_hour, t.tm_min, t.tm_sec);
}

void format_tsv_cell(const ColumnInfo& column, const Cell& cell, TextBuffer& out) {
  if (column.container != Container::One && cell.present) return add_container(column.type, cell, out);
  out.commit(write_value(column.type, cell, false, out.reserve(value_room(cell))));
}

void format_tsv_row(const LogInfo& log, std::span<const Cell> cells, TextBuffer& out) {
  for (size_t i = 0; i < log.columns.size(); i++) {
    const ColumnInfo& column = log.columns[i];
    if (column.hidden) continue;
    const Cell& cell = cells[i];
    char* p = out.reserve(value_room(cell) + 1);
    if (!cell.present) {
      p = write_unset(p);
    } else if (column.container == Container::One) {
      p = write_value(column.type, cell, false, p);
    } else {
      add_container(column.type, cell, out);
      p = out.reserve(1);
    }
    *p = '\t';
    out.commit(p + 1);
  }
  out.truncate(out.size() - 1);  // no tab behind the last one
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
