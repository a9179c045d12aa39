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

#include <tuple>
#include <type_traits>

#include "sensor/record/types.h"

namespace sensor {

/// How a value is laid out in a record batch and written in a log.
enum class FieldType : uint8_t { Time, Interval, String, Enum, Addr, Port, Count, Int, Double, Bool, Uid };
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

/// A column. Optional members are written as unset ("-"), empty containers as "(empty)" unless the member is an unset optional.
template <class Record, class Member>
struct Field {
  using element = typename detail::Shape<Member>::element;
  static constexpr FieldType type = detail::TypeOf<element>::value;
  static constexpr Container container = detail::Shape<Member>::container;
  static constexpr bool optional = detail::Shape<Member>::optional;

  std::string_view name;
  Member Record::*member;
  std::string_view doc;
};

template <class Record, class Member>
constexpr Field<Record, Member> field(std::string_view name, Member Record::*member, std::string_view doc) {
  return {name, member, doc};
}

/// Specialised once per record type, beside the record.
template <class Record>
struct LogSchema;

/// The six columns of ConnHeader.
constexpr auto conn_header_fields(std::string_view ts_doc) {
  return std::make_tuple(
      field("ts", &ConnHeader::ts, ts_doc), field("uid", &ConnHeader::uid, "unique id of the connection"),
      field("id.orig_h", &ConnHeader::orig_h, "originator's address"), field("id.orig_p", &ConnHeader::orig_p, "originator's port"),
      field("id.resp_h", &ConnHeader::resp_h, "responder's address"), field("id.resp_p", &ConnHeader::resp_p, "responder's port"));
}

/// The column as the log thread and the generated documentation see it.
struct ColumnInfo {
  std::string_view name;
  FieldType type;
  Container container;
  bool optional;
  std::string_view doc;
};

}  // namespace sensor
