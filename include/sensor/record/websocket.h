// websocket.log: HTTP connections that became WebSockets.
#pragma once

#include <optional>

#include "sensor/record/schema.h"

namespace sensor {

struct WebsocketRecord : ConnHeader {
  std::optional<std::string> host, uri, user_agent, subprotocol;
  std::optional<std::vector<std::string>> client_protocols, server_extensions, client_extensions;
};

template <>
struct LogSchema<WebsocketRecord> {
  using R = WebsocketRecord;
  static constexpr std::string_view path = "websocket";
  static constexpr std::string_view doc = "WebSocket handshakes that succeeded.";
  static constexpr auto fields = std::tuple_cat(
      conn_header_fields("time of the response that established the WebSocket"),
      std::make_tuple(field("host", &R::host, "value of the request's Host field"), field("uri", &R::uri, "target of the request"),
                      field("user_agent", &R::user_agent, "value of the request's User-Agent field"),
                      field("subprotocol", &R::subprotocol, "protocol the server chose"),
                      field("client_protocols", &R::client_protocols, "protocols the client offered"),
                      field("server_extensions", &R::server_extensions, "extensions the server chose"),
                      field("client_extensions", &R::client_extensions, "extensions the client offered"), community_id_field()));
};

}  // namespace sensor
