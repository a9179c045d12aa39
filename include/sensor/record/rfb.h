// rfb.log: screens that are shared over VNC.
#pragma once

#include <optional>

#include "sensor/record/schema.h"

namespace sensor {

struct RfbRecord : ConnHeader {
  std::optional<std::string> client_major_version, client_minor_version, server_major_version, server_minor_version;
  std::optional<std::string_view> authentication_method;
  std::optional<bool> auth, share_flag;
  std::optional<std::string> desktop_name;
  std::optional<uint64_t> width, height;
};

template <>
struct LogSchema<RfbRecord> {
  using R = RfbRecord;
  static constexpr std::string_view path = "rfb";
  static constexpr std::string_view doc = "Screens shared over RFB, the protocol of VNC.";
  static constexpr auto fields = std::tuple_cat(
      conn_header_fields("time of the first message"),
      std::make_tuple(field("client_major_version", &R::client_major_version, "the client's version"),
                      field("client_minor_version", &R::client_minor_version, "the part behind its dot"),
                      field("server_major_version", &R::server_major_version, "the server's version"),
                      field("server_minor_version", &R::server_minor_version, "the part behind its dot"),
                      field("authentication_method", &R::authentication_method, "how the client proves who it is"),
                      field("auth", &R::auth, "whether it is let in"),
                      field("share_flag", &R::share_flag, "whether other clients stay connected"),
                      field("desktop_name", &R::desktop_name, "name of the screen"), field("width", &R::width, "its width in pixels"),
                      field("height", &R::height, "its height in pixels"), community_id_field()));
};

}  // namespace sensor
