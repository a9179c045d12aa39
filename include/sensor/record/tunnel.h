// tunnel.log: what carries other connections.
#pragma once

#include "sensor/record/schema.h"

namespace sensor {

/// Something happened to a tunnel. The header's uid is that of the carrying connection, or one of its own for tunnels directly over IP
/// (whose ports are 0); unset for proxies.
struct TunnelRecord : ConnHeader {
  EnumName tunnel_type;
  EnumName action;
};

template <>
struct LogSchema<TunnelRecord> {
  using R = TunnelRecord;
  static constexpr std::string_view path = "tunnel";
  static constexpr std::string_view doc = "Tunnels: found when the first connection in them was, closed or expired.";
  static constexpr auto fields = std::tuple_cat(
      conn_header_fields("time at which it happened"),
      std::make_tuple(field("tunnel_type", &R::tunnel_type, "what kind of tunnel"),
                      field("action", &R::action, "whether it was discovered, closed with its connection, or unused for an hour"),
                      community_id_field()));
};

}  // namespace sensor
