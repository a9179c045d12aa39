// When logs are closed, and what becomes of them.
#pragma once

#include <cstdint>
#include <string>

#include "sensor/base/time.h"

namespace sensor {

/// Live, files that are there when a log begins are archived, too: what an earlier run wrote.
struct RotationOptions {
  DurationNs interval_ns = 0;  // at multiples of it since midnight; 0: not by time
  uint64_t bytes = 0;          // when a log has grown to this; 0: not by size
  /// Holds a directory for every day; empty: the log directory.
  std::string archive = {};
  bool compress = true;
  /// Archived logs that are older, or the oldest beyond this much in all, are deleted; 0: never.
  DurationNs keep_ns = 0;
  uint64_t keep_bytes = 0;
};

}  // namespace sensor
