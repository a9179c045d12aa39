// How full a queue between two threads is.
#pragma once

#include <cstddef>

namespace sensor {

/// In batches, where nothing else is said; `waiting` as of the reader's last look. A capacity of 0: not known.
struct QueueDepth {
  size_t waiting = 0, capacity = 0;
};

}  // namespace sensor
