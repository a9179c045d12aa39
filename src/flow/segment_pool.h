// Memory for TCP segments that wait for a hole to be filled.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "sensor/base/byte_reader.h"

namespace sensor {

/// Hands out pieces of two sizes from slabs that it keeps; holds at most `limit` bytes. Belongs to one worker.
class SegmentPool {
 public:
  static constexpr size_t kSmall = 256, kLarge = 2048;

  /// A piece of memory; not freed by itself.
  struct Piece {
    uint8_t* data = nullptr;
    uint32_t size = 0;  // bytes used
    uint32_t room = 0;  // kSmall or kLarge

    Bytes bytes() const { return {data, size}; }
  };

  explicit SegmentPool(size_t limit) : limit_(limit) {}

  /// Copies at most kLarge bytes; data is nullptr when the limit is reached.
  Piece store(Bytes bytes);
  void free(Piece& piece);
  /// Moves the bytes of `tail` behind those of `piece` if there is room, and frees `tail`; two pieces without memory are one without.
  bool append(Piece& piece, Piece& tail);
  /// Bytes handed out.
  size_t in_use() const { return in_use_; }

 private:
  std::vector<uint8_t*>& free_list(size_t room) { return free_[room == kSmall ? 0 : 1]; }

  size_t limit_;
  size_t in_use_ = 0;
  std::array<std::vector<uint8_t*>, 2> free_;
  std::vector<std::unique_ptr<uint8_t[]>> slabs_;
};

}  // namespace sensor
