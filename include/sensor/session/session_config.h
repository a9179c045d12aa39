// Limits and timeouts of connection tracking and protocol analysis.
#pragma once

#include <cstdint>

#include "sensor/base/time.h"

namespace sensor {

/// Plain values, copied into every worker.
struct SessionConfig {
  uint64_t uid_seed = 0;
  uint64_t hash_seed = 0;               // random live, fixed in replay
  uint64_t detect_bytes = 2048;         // bytes of each direction kept until a protocol is recognised
  bool labels = true;                   // ask nDPI
};

}  // namespace sensor
