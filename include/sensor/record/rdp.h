// rdp.log: RDP connections, as far as they are not encrypted.
#pragma once

#include <optional>

#include "sensor/record/schema.h"

namespace sensor {

struct RdpRecord : ConnHeader {
  std::optional<std::string> cookie, result, security_protocol;
  std::optional<std::vector<std::string>> client_channels;
  std::optional<std::string> keyboard_layout, client_build, client_name, client_dig_product_id;
  std::optional<uint64_t> desktop_width, desktop_height;
  std::optional<std::string> requested_color_depth;
  std::optional<std::string> cert_type;
  uint64_t cert_count = 0;
  std::optional<bool> cert_permanent;
  std::optional<std::string> encryption_level, encryption_method;
};

template <>
struct LogSchema<RdpRecord> {
  using R = RdpRecord;
  static constexpr std::string_view path = "rdp";
  static constexpr std::string_view doc = "RDP connections, as far as they are not encrypted.";
  static constexpr auto fields = std::tuple_cat(
      conn_header_fields("time of the first message"),
      std::make_tuple(field("cookie", &R::cookie, "who logs in, by the client's first message, often cut off"),
                      field("result", &R::result, "why the server refused, what it says of the conference, or that encryption began"),
                      field("security_protocol", &R::security_protocol, "what protects the connection, as the server chose"),
                      field("client_channels", &R::client_channels, "channels that the client asked for"),
                      field("keyboard_layout", &R::keyboard_layout, "language of the client's keyboard"),
                      field("client_build", &R::client_build, "version of the client"),
                      field("client_name", &R::client_name, "name of the client's machine"),
                      field("client_dig_product_id", &R::client_dig_product_id, "product id of the client's machine"),
                      field("desktop_width", &R::desktop_width, "width of the client's desktop"),
                      field("desktop_height", &R::desktop_height, "height of the client's desktop"),
                      field("requested_color_depth", &R::requested_color_depth, "bits of a pixel that the client asked for"),
                      field("cert_type", &R::cert_type, "form of the server's certificate, where RDP itself encrypts"),
                      field("cert_count", &R::cert_count, "certificates of the server, where RDP itself encrypts"),
                      field("cert_permanent", &R::cert_permanent, "whether those were issued for good"),
                      field("encryption_level", &R::encryption_level, "level of RDP's own encryption"),
                      field("encryption_method", &R::encryption_method, "method of RDP's own encryption"), community_id_field()));
};

}  // namespace sensor
