// redis.log: commands to Redis servers and their replies.
#pragma once

#include <optional>

#include "sensor/record/schema.h"

namespace sensor {

struct RedisRecord : ConnHeader {
  std::string name;
  std::optional<std::string> key, value;
  std::optional<bool> success;
  std::optional<std::string> reply;
};

template <>
struct LogSchema<RedisRecord> {
  using R = RedisRecord;
  static constexpr std::string_view path = "redis";
  static constexpr std::string_view doc = "Commands to Redis servers, with their replies.";
  static constexpr auto fields = std::tuple_cat(
      conn_header_fields("time of the command"),
      std::make_tuple(field("cmd.name", &R::name, "name of the command"), field("cmd.key", &R::key, "key that it is about"),
                      field("cmd.value", &R::value, "value that it carries"),
                      field("success", &R::success, "whether the server replied with a value, not with an error"),
                      field("reply.value", &R::reply, "the reply, members of aggregates in brackets"), community_id_field()));
};

}  // namespace sensor
