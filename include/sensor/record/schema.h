// A log, declared once: its record's members with Zeek's names and one sentence each. TSV, JSON, docs/LOGS.md and the schema
// tests come from the declaration.
//
//   struct DnsRecord : ConnHeader { EnumName proto; std::optional<uint64_t> trans_id; ... };
//   template <> struct LogSchema<DnsRecord> {
//     static constexpr std::string_view path = "dns";                 // file name without ".log", Zeek's #path
//     static constexpr std::string_view doc = "DNS queries and their answers.";
//     static constexpr auto fields = std::tuple_cat(conn_header_fields<DnsRecord>("time of the query"), std::make_tuple(
//         field("proto", &DnsRecord::proto, "transport protocol"),
//         field("trans_id", &DnsRecord::trans_id, "identifier chosen by the client")));
//   };
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <tuple>
#include <type_traits>

#include "sensor/record/types.h"

namespace sensor {

/// How a value is laid out in a record batch and written in a log.
enum class FieldType : uint8_t { Time, FarTime, Interval, String, Enum, Addr, Port, Count, Int, Double, Bool, Uid };
/// One value, or several.
enum class Container : uint8_t { One, Set, Vector };

namespace detail {
template <class T>
struct TypeOf;
template <>
struct TypeOf<Time> {
  static constexpr auto value = FieldType::Time;
};
template <>
struct TypeOf<FarTime> {
  static constexpr auto value = FieldType::FarTime;
};
template <>
struct TypeOf<Interval> {
  static constexpr auto value = FieldType::Interval;
};
template <>
struct TypeOf<std::string> {
  static constexpr auto value = FieldType::String;
};
template <>
struct TypeOf<std::string_view> {
  static constexpr auto value = FieldType::String;
};
template <>
struct TypeOf<EnumName> {
  static constexpr auto value = FieldType::Enum;
};
template <>
struct TypeOf<IpAddress> {
  static constexpr auto value = FieldType::Addr;
};
template <>
struct TypeOf<Port> {
  static constexpr auto value = FieldType::Port;
};
template <>
struct TypeOf<uint64_t> {
  static constexpr auto value = FieldType::Count;
};
template <>
struct TypeOf<int64_t> {
  static constexpr auto value = FieldType::Int;
};
template <>
struct TypeOf<double> {
  static constexpr auto value = FieldType::Double;
};
template <>
struct TypeOf<bool> {
  static constexpr auto value = FieldType::Bool;
};
template <>
struct TypeOf<Uid> {
  static constexpr auto value = FieldType::Uid;
};

template <class T>
struct Shape {
  using element = T;
  static constexpr bool optional = false;
  static constexpr auto container = Container::One;
};
template <class T>
struct Shape<std::optional<T>> : Shape<T> {
  static constexpr bool optional = true;
};
template <class T>
struct Shape<std::vector<T>> {
  using element = T;
  static constexpr bool optional = false;
  static constexpr auto container = Container::Vector;
};
template <class T>
struct Shape<Set<T>> {
  using element = T;
  static constexpr bool optional = false;
  static constexpr auto container = Container::Set;
};
}  // namespace detail

struct Cell;

/// A column. Optional members are written as unset ("-"), empty containers as "(empty)" unless the member is an unset optional.
template <class Record, class Member>
struct Field {
  using element = typename detail::Shape<Member>::element;
  static constexpr FieldType type = detail::TypeOf<element>::value;
  static constexpr Container container = detail::Shape<Member>::container;
  static constexpr bool optional = detail::Shape<Member>::optional;
  static constexpr bool stored = true;

  std::string_view name;
  Member Record::*member;
  std::string_view doc;
  bool hidden = false;
};

/// Makes the text of a computed column from the other cells of its row. Writes at most out.size() characters and returns how many;
/// 0: the column is unset. Called in the log thread.
using ComputeColumn = size_t (*)(std::span<const Cell> row, std::span<char> out);
/// The longest text a computed column may have.
inline constexpr size_t kMaxComputedChars = 64;

/// A string column without a member: the log thread computes it, so that the worker need not.
struct ComputedField {
  static constexpr FieldType type = FieldType::String;
  static constexpr Container container = Container::One;
  static constexpr bool optional = true;
  static constexpr bool stored = false;

  std::string_view name;
  ComputeColumn compute;
  std::string_view doc;
  bool hidden = false;
};

template <class Record, class Member>
constexpr Field<Record, Member> field(std::string_view name, Member Record::*member, std::string_view doc) {
  return {name, member, doc};
}
/// A column that reaches the log thread, where a reduction or a computed column reads it, and is never written.
template <class Record, class Member>
constexpr Field<Record, Member> hidden_field(std::string_view name, Member Record::*member, std::string_view doc) {
  return {name, member, doc, true};
}
constexpr ComputedField computed_field(std::string_view name, ComputeColumn compute, std::string_view doc) {
  return {name, compute, doc};
}

/// Specialised once per record type, beside the record.
template <class Record>
struct LogSchema;

/// The six columns of ConnHeader, and what its Community ID needs besides.
constexpr auto conn_header_fields(std::string_view ts_doc) {
  return std::make_tuple(
      field("ts", &ConnHeader::ts, ts_doc), field("uid", &ConnHeader::uid, "unique id of the connection"),
      field("id.orig_h", &ConnHeader::orig_h, "originator's address"), field("id.orig_p", &ConnHeader::orig_p, "originator's port"),
      field("id.resp_h", &ConnHeader::resp_h, "responder's address"), field("id.resp_p", &ConnHeader::resp_p, "responder's port"),
      hidden_field("id.ip_proto", &ConnHeader::ip_protocol, "protocol number of the IP header"));
}

/// The Community ID of a row whose seven first columns are those of conn_header_fields(), or that has one more before its addresses.
size_t conn_community_id(std::span<const Cell> row, std::span<char> out);
size_t file_community_id(std::span<const Cell> row, std::span<char> out);

/// The first of our own columns, in every log about connections.
constexpr ComputedField community_id_field(ComputeColumn compute = &conn_community_id) {
  return computed_field("community_id", compute, "Community ID (version 1) of the connection, the same in other tools");
}

/// The column as the log thread and the generated documentation see it.
struct ColumnInfo {
  std::string_view name;
  FieldType type;
  Container container;
  bool optional;
  bool hidden;
  ComputeColumn compute;  // null: the value stands in the record
  std::string_view doc;
};

/// A log as the log thread and the generated documentation see it. Static storage.
struct LogInfo {
  std::string_view path;
  std::string_view doc;
  std::span<const ColumnInfo> columns;
  size_t presence_bytes;             // at the head of a record's fields: a bit for each optional column that is stored
  std::span<const size_t> computed;  // columns that are not stored
};

namespace detail {
template <class F>
constexpr ColumnInfo column_info(const F& f) {
  if constexpr (F::stored) {
    return {f.name, F::type, F::container, F::optional, f.hidden, nullptr, f.doc};
  } else {
    return {f.name, F::type, F::container, F::optional, f.hidden, f.compute, f.doc};
  }
}
template <class Record>
inline constexpr auto kColumns = std::apply([](const auto&... f) { return std::array<ColumnInfo, sizeof...(f)>{column_info(f)...}; },
                                            LogSchema<Record>::fields);
constexpr size_t presence_bytes(std::span<const ColumnInfo> columns) {
  size_t bits = 0;
  for (const ColumnInfo& c : columns) bits += c.optional && c.compute == nullptr ? 1 : 0;
  return (bits + 7) / 8;
}
template <class Record>
constexpr auto computed_columns() {
  constexpr auto is_computed = [](const ColumnInfo& c) { return c.compute != nullptr; };
  std::array<size_t, static_cast<size_t>(std::ranges::count_if(kColumns<Record>, is_computed))> positions{};
  for (size_t i = 0, n = 0; i < kColumns<Record>.size(); i++) {
    if (is_computed(kColumns<Record>[i])) positions[n++] = i;
  }
  return positions;
}
template <class Record>
inline constexpr auto kComputed = computed_columns<Record>();
template <class Record>
inline constexpr LogInfo kLogInfo{LogSchema<Record>::path, LogSchema<Record>::doc, kColumns<Record>, presence_bytes(kColumns<Record>),
                                  kComputed<Record>};
}  // namespace detail

/// The log a record type belongs to.
template <class Record>
constexpr const LogInfo& log_info() {
  return detail::kLogInfo<Record>;
}

/// Position of a column in its log, by name; the number of columns when there is none.
constexpr size_t column_index(std::span<const ColumnInfo> columns, std::string_view name) {
  size_t i = 0;
  while (i < columns.size() && columns[i].name != name) i++;
  return i;
}

}  // namespace sensor
