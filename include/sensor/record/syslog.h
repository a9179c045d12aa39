// syslog.log: messages that were sent to log servers.
#pragma once

#include "sensor/record/schema.h"

namespace sensor {

/// Names and text are the caller's, copied by write().
struct SyslogRecord : ConnHeader {
  EnumName proto;
  std::string_view facility, severity, message;
};

template <>
struct LogSchema<SyslogRecord> {
  using R = SyslogRecord;
  static constexpr std::string_view path = "syslog";
  static constexpr std::string_view doc = "Syslog messages.";
  static constexpr auto fields = std::tuple_cat(
      conn_header_fields("time of the message"),
      std::make_tuple(field("proto", &R::proto, "transport protocol"), field("facility", &R::facility, "what kind of program wrote it"),
                      field("severity", &R::severity, "how grave it is"), field("message", &R::message, "what follows the priority"),
                      community_id_field()));
};

}  // namespace sensor
