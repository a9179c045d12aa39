// Not a log: link types of capture files that libpcap cannot filter, told to the log thread for a notice.
#pragma once

#include "sensor/record/schema.h"

namespace sensor {

/// Written once for each link type, by the thread that reads the files.
struct UnfilterableLinkRecord {
  uint64_t link_type = 0;  // as capture files number them
};

template <>
struct LogSchema<UnfilterableLinkRecord> {
  using R = UnfilterableLinkRecord;
  static constexpr std::string_view path = "unfilterable_link";
  static constexpr std::string_view doc = "Not a log: link types that cannot be filtered, for the notices.";
  static constexpr auto fields = std::make_tuple(field("link_type", &R::link_type, ""));
};

}  // namespace sensor
