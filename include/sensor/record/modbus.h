// modbus.log: what was asked of industrial controllers, and how they answered.
#pragma once

#include <optional>

#include "sensor/record/schema.h"

namespace sensor {

struct ModbusRecord : ConnHeader {
  std::optional<uint64_t> tid, unit;
  std::optional<std::string> func;
  std::optional<std::string_view> pdu_type;
  std::optional<std::string> exception;
};

template <>
struct LogSchema<ModbusRecord> {
  using R = ModbusRecord;
  static constexpr std::string_view path = "modbus";
  static constexpr std::string_view doc = "Modbus requests and responses.";
  static constexpr auto fields =
      std::tuple_cat(conn_header_fields("time of the message"),
                     std::make_tuple(field("tid", &R::tid, "transaction: a response has that of its request"),
                                     field("unit", &R::unit, "device, where several are behind one address"),
                                     field("func", &R::func, "function, with _EXCEPTION where it failed"),
                                     field("pdu_type", &R::pdu_type, "REQ: a request, RESP: a response"),
                                     field("exception", &R::exception, "why the function failed"), community_id_field()));
};

}  // namespace sensor
