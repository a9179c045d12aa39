// radius.log: attempts to log in by RADIUS.
#pragma once

#include <optional>

#include "sensor/record/schema.h"

namespace sensor {

struct RadiusRecord : ConnHeader {
  std::optional<std::string> username, mac;
  std::optional<IpAddress> framed_addr;
  std::optional<std::string> tunnel_client, connect_info, reply_msg;
  std::string_view result;
  std::optional<Interval> ttl;
};

template <>
struct LogSchema<RadiusRecord> {
  using R = RadiusRecord;
  static constexpr std::string_view path = "radius";
  static constexpr std::string_view doc = "Attempts to log in by RADIUS.";
  static constexpr auto fields =
      std::tuple_cat(conn_header_fields("time of the first message"),
                     std::make_tuple(field("username", &R::username, "who wants to log in"),
                                     field("mac", &R::mac, "hardware address of the user's device"),
                                     field("framed_addr", &R::framed_addr, "address given to the user, by a challenge"),
                                     field("tunnel_client", &R::tunnel_client, "the user's end of a tunnel"),
                                     field("connect_info", &R::connect_info, "how the user is connected"),
                                     field("reply_msg", &R::reply_msg, "text for the user, by a challenge"),
                                     field("result", &R::result, "success, failed, or unknown when no answer was seen"),
                                     field("ttl", &R::ttl, "time from the first message to the answer"), community_id_field()));
};

}  // namespace sensor
