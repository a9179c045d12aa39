#include "escape.h"
#include "numbers.h"
#include "sensor/output/format.h"

namespace sensor {
namespace {

void add_value(FieldType type, const Cell& cell, TextBuffer& out) {
  if (!cell.present) {
    out.add("null");
    return;
  }
  switch (type) {
    case FieldType::Time:
      return out.commit(write_json_time(cell.as_signed(), out.reserve(kNumberChars)));
    case FieldType::FarTime:
      return out.commit(write_json_far_time(cell.as_signed(), out.reserve(kNumberChars)));
    case FieldType::Interval:
      return out.commit(write_json_interval(cell.as_signed(), out.reserve(kNumberChars)));
    case FieldType::String:
    case FieldType::Enum:
      return escape_json(cell.chars(), out);
    case FieldType::Addr: {
      char* p = out.reserve(64);
      *p++ = '"';
      p = cell.address().write(p);
      *p++ = '"';
      return out.commit(p);
    }
    case FieldType::Port:
    case FieldType::Count:
      return out.add_number(cell.number);
    case FieldType::Int:
      return out.add_number(cell.as_signed());
    case FieldType::Double:
      return out.commit(write_json_double(std::bit_cast<double>(cell.number), out.reserve(kNumberChars)));
    case FieldType::Bool:
      return out.add(cell.number != 0 ? "true" : "false");
    case FieldType::Uid: {
      char* p = out.reserve(kUidChars + 2);
      *p++ = '"';
      p = write_uid(cell.uid(), p);
      *p++ = '"';
      return out.commit(p);
    }
  }
}

void add_cell(const ColumnInfo& column, const Cell& cell, TextBuffer& out) {
  if (column.container == Container::One) return add_value(column.type, cell, out);
  out.add('[');
  ByteReader in(cell.data);
  Cell item;
  for (uint64_t i = 0; i < cell.number && decode_value(column.type, in, item); i++) {
    if (i > 0) out.add(',');
    add_value(column.type, item, out);
  }
  out.add(']');
}

}  // namespace

void format_json_row(const LogInfo& log, std::span<const Cell> cells, TextBuffer& out) {
  char separator = '{';
  for (size_t i = 0; i < log.columns.size(); i++) {
    const ColumnInfo& column = log.columns[i];
    if (column.hidden || !cells[i].present) continue;
    out.add(separator);
    separator = ',';
    out.add('"');
    out.add(column.name);
    out.add("\":");
    add_cell(column, cells[i], out);
  }
  out.add(separator == '{' ? "{}\n" : "}\n");
}

}  // namespace sensor
