// mysql.log: what MySQL and MariaDB servers were asked, and how it went.
#pragma once

#include <optional>

#include "sensor/record/schema.h"

namespace sensor {

struct MysqlRecord : ConnHeader {
  std::string cmd, arg;
  std::optional<bool> success;
  std::optional<uint64_t> rows;
  std::optional<std::string> response;
  std::optional<std::string> server;  // with the first row of a connection, for software.log
};

template <>
struct LogSchema<MysqlRecord> {
  using R = MysqlRecord;
  static constexpr std::string_view path = "mysql";
  static constexpr std::string_view doc = "Logins and commands to MySQL and MariaDB servers, with their outcome.";
  static constexpr auto fields = std::tuple_cat(
      conn_header_fields("time of the request"),
      std::make_tuple(field("cmd", &R::cmd, "the command, or login"), field("arg", &R::arg, "its argument, or who logs in"),
                      field("success", &R::success, "whether it succeeded"), field("rows", &R::rows, "rows that were changed"),
                      field("response", &R::response, "the server's message, where it failed"), community_id_field(),
                      hidden_field("server", &R::server, "version of the server")));
};

}  // namespace sensor
