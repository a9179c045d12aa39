// What conn.log says about a connection.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "sensor/base/time.h"

namespace sensor {

struct ConnSummary {
  TimeNs start_ns = 0;
  /// Last packet that counts minus first one; zero or less: Zeek leaves duration, orig_bytes and resp_bytes unset.
  DurationNs duration_ns = 0;
  bool has_duration = false;
  uint64_t orig_bytes = 0, resp_bytes = 0;  // payload; TCP: by sequence numbers
  std::string_view conn_state;              // static storage
  uint64_t missed_bytes = 0;
  std::string history;  // empty: unset
  uint64_t orig_packets = 0, orig_ip_bytes = 0;
  uint64_t resp_packets = 0, resp_ip_bytes = 0;
  uint8_t ip_proto = 0;
};

}  // namespace sensor
