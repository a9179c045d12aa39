// Where the bytes of files go that are to be kept: the session hands them over, somebody else writes them.
#pragma once

#include <cstdint>
#include <string>

#include "sensor/base/time.h"

namespace sensor {

/// A piece of a file that is kept.
struct FilePiece {
  std::string name;     // made by us: letters, digits, '-', '.' and '_'
  uint64_t offset = 0;  // in the file; what no piece covers reads as zeros
  std::string bytes;
  bool first = false;  // the first one of this file
};

/// Shared by all workers; every function may be called in any thread, and none waits for a disk without bound.
class FileSink {
 public:
  virtual ~FileSink() = default;
  /// Whether one more file may be kept. `now_ns`: packet time.
  virtual bool admit(TimeNs now_ns) = 0;
  /// False: the piece was not taken, and the file ends before it.
  virtual bool take(FilePiece piece) = 0;
};

}  // namespace sensor
