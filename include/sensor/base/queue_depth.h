// How full a queue between two threads is.
#pragma once

#include <cstddef>

namespace sensor {

/// In batches; `waiting` as of the reader's last look.
struct QueueDepth {
  size_t waiting = 0, capacity = 0;
};

}  // namespace sensor
