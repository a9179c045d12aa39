#include "detect_buffer.h"

namespace sensor {

namespace {

/// What is cleared keeps room for a short message only: the first piece of most streams is long, and gone at once.
constexpr size_t kKeptCapacity = 128;

}  // namespace

void DetectBuffer::clear() {
  for (auto& b : bytes_) {
    b.clear();
    if (b.capacity() > kKeptCapacity) b.shrink_to_fit();
  }
  chunks_.clear();
}

void DetectBuffer::add(Direction d, Bytes bytes) {
  auto& to = bytes_[index(d)];
  to.insert(to.end(), bytes.begin(), bytes.end());
  chunks_.push_back({bytes.size(), d, false});
}

void DetectBuffer::add_gap(Direction d, uint64_t bytes) {
  chunks_.push_back({bytes, d, true});
}

}  // namespace sensor
