// postgresql.log: logins and queries to PostgreSQL servers.
#pragma once

#include <optional>

#include "sensor/record/schema.h"

namespace sensor {

struct PostgresqlRecord : ConnHeader {
  std::optional<std::string> user, database, application_name;
  std::optional<std::string> frontend, frontend_arg, backend, backend_arg;
  std::optional<bool> success;
  std::optional<uint64_t> rows;
};

template <>
struct LogSchema<PostgresqlRecord> {
  using R = PostgresqlRecord;
  static constexpr std::string_view path = "postgresql";
  static constexpr std::string_view doc = "Logins and queries to PostgreSQL servers, with their outcome.";
  static constexpr auto fields =
      std::tuple_cat(conn_header_fields("time of the request"),
                     std::make_tuple(field("user", &R::user, "user of the login"), field("database", &R::database, "database of the login"),
                                     field("application_name", &R::application_name, "application, as the client calls itself"),
                                     field("frontend", &R::frontend, "what the client asks for"),
                                     field("frontend_arg", &R::frontend_arg, "text of the query"),
                                     field("backend", &R::backend, "how the server answers, where that is not with rows"),
                                     field("backend_arg", &R::backend_arg, "details of that answer, of errors and of notices"),
                                     field("success", &R::success, "whether the request succeeded"),
                                     field("rows", &R::rows, "rows that the server sent"), community_id_field()));
};

}  // namespace sensor
