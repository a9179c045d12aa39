// The end of one piece of a stream, kept for the piece that completes it.
#pragma once

#include <vector>

#include "sensor/base/byte_reader.h"

namespace sensor {

/// Usage: read whole units from join(bytes), then keep() what is left. How much is kept is the caller's to bound.
class CarryOver {
 public:
  /// What was kept followed by `bytes`, copied only if something was kept. Valid until the next call.
  Bytes join(Bytes bytes) {
    joined_ = !held_.empty();
    if (!joined_) return bytes;
    held_.insert(held_.end(), bytes.begin(), bytes.end());
    return held_;
  }
  /// Keeps `rest`, which is the end of what join() returned.
  void keep(Bytes rest) {
    if (joined_) {
      held_.erase(held_.begin(), held_.end() - static_cast<std::ptrdiff_t>(rest.size()));
    } else {
      held_.assign(rest.begin(), rest.end());
    }
  }
  void clear() { held_.clear(); }

 private:
  std::vector<uint8_t> held_;
  bool joined_ = false;
};

}  // namespace sensor
