// snmp.log: who reads and sets what of a device by SNMP.
#pragma once

#include <optional>

#include "sensor/record/schema.h"

namespace sensor {

struct SnmpRecord : ConnHeader {
  Interval duration;
  std::string_view version;
  std::optional<std::string> community;
  uint64_t get_requests = 0, get_bulk_requests = 0, get_responses = 0, set_requests = 0;
  std::optional<std::string> display_string;
  std::optional<Time> up_since;
};

template <>
struct LogSchema<SnmpRecord> {
  using R = SnmpRecord;
  static constexpr std::string_view path = "snmp";
  static constexpr std::string_view doc = "SNMP by connection.";
  static constexpr auto fields =
      std::tuple_cat(conn_header_fields("time of the first message"),
                     std::make_tuple(field("duration", &R::duration, "time from the first message to the last"),
                                     field("version", &R::version, "1, 2c or 3"),
                                     field("community", &R::community, "community of the first message that has one"),
                                     field("get_requests", &R::get_requests, "variables that were asked for"),
                                     field("get_bulk_requests", &R::get_bulk_requests, "variables that were asked for in bulk"),
                                     field("get_responses", &R::get_responses, "variables in responses"),
                                     field("set_requests", &R::set_requests, "variables that were to be set"),
                                     field("display_string", &R::display_string, "how the device describes itself"),
                                     field("up_since", &R::up_since, "since when the device says it has been up"), community_id_field()));
};

}  // namespace sensor
