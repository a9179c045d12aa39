// Not a log: TCP connections that were refused, or reset before any data, told to the log thread when that happens.
#pragma once

#include <string_view>

#include "sensor/record/schema.h"

namespace sensor {

/// Its row in conn.log comes seconds later, when no late packet can belong to it any more; a notice is not to wait for that. Texts are the
/// caller's, copied by write(), or have static storage.
struct RefusedRecord {
  IpAddress orig_h, resp_h;
  Port resp_p;
  std::string_view conn_state, history;  // as of now
};

template <>
struct LogSchema<RefusedRecord> {
  using R = RefusedRecord;
  static constexpr std::string_view path = "refused";
  static constexpr std::string_view doc = "Not a log: connections that were refused, for the notices.";
  static constexpr auto fields =
      std::make_tuple(field("id.orig_h", &R::orig_h, ""), field("id.resp_h", &R::resp_h, ""), field("id.resp_p", &R::resp_p, ""),
                      field("conn_state", &R::conn_state, ""), field("history", &R::history, ""));
};

}  // namespace sensor
