// dce_rpc.log: remote procedure calls of DCE-RPC.
#pragma once

#include <optional>
#include <string>

#include "sensor/record/schema.h"

namespace sensor {

struct DceRpcRecord : ConnHeader {
  std::optional<Interval> rtt;
  std::optional<std::string> named_pipe, endpoint, operation;
};

template <>
struct LogSchema<DceRpcRecord> {
  using R = DceRpcRecord;
  static constexpr std::string_view path = "dce_rpc";
  static constexpr std::string_view doc = "Remote procedure calls of DCE-RPC, over TCP and over the pipes of SMB.";
  static constexpr auto fields =
      std::tuple_cat(conn_header_fields("time of the request"),
                     std::make_tuple(field("rtt", &R::rtt, "time from the request to its answer"),
                                     field("named_pipe", &R::named_pipe, "pipe, or port, as the server names it"),
                                     field("endpoint", &R::endpoint, "interface that is called, by its UUID"),
                                     field("operation", &R::operation, "procedure that is called, by its number"), community_id_field()));
};

}  // namespace sensor
