// socks.log: connections that a SOCKS proxy was asked to open.
#pragma once

#include <optional>

#include "sensor/record/schema.h"

namespace sensor {

struct SocksRecord : ConnHeader {
  uint64_t version = 0;
  std::optional<std::string> user, password, status;
  std::optional<IpAddress> request_host;
  std::optional<std::string> request_name;
  std::optional<Port> request_p;
  std::optional<IpAddress> bound_host;
  std::optional<std::string> bound_name;
  std::optional<Port> bound_p;
};

template <>
struct LogSchema<SocksRecord> {
  using R = SocksRecord;
  static constexpr std::string_view path = "socks";
  static constexpr std::string_view doc = "Connections that a SOCKS proxy was asked to open.";
  static constexpr auto fields =
      std::tuple_cat(conn_header_fields("time of the first request"),
                     std::make_tuple(field("version", &R::version, "version of SOCKS"), field("user", &R::user, "user name of the login"),
                                     field("password", &R::password, "password of the login; not kept"),
                                     field("status", &R::status, "what the proxy says of the attempt"),
                                     field("request.host", &R::request_host, "address the client wants to reach"),
                                     field("request.name", &R::request_name, "name the client wants to reach"),
                                     field("request_p", &R::request_p, "port the client wants to reach"),
                                     field("bound.host", &R::bound_host, "address the proxy uses for it"),
                                     field("bound.name", &R::bound_name, "name the proxy uses for it"),
                                     field("bound_p", &R::bound_p, "port the proxy uses for it"), community_id_field()));
};

}  // namespace sensor
