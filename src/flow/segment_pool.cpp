#include "segment_pool.h"

#include <algorithm>
#include <cassert>

namespace sensor {

namespace {
constexpr size_t kSlab = 64 * 1024;
}

SegmentPool::Piece SegmentPool::store(Bytes bytes) {
  assert(!bytes.empty() && bytes.size() <= kLarge);
  const size_t room = bytes.size() <= kSmall ? kSmall : kLarge;
  if (in_use_ + room > limit_) return {};
  auto& list = free_list(room);
  if (list.empty()) {
    auto& slab = slabs_.emplace_back(std::make_unique_for_overwrite<uint8_t[]>(kSlab));
    for (size_t at = 0; at < kSlab; at += room) list.push_back(slab.get() + at);
  }
  Piece piece{list.back(), static_cast<uint32_t>(bytes.size()), static_cast<uint32_t>(room)};
  list.pop_back();
  in_use_ += room;
  std::copy(bytes.begin(), bytes.end(), piece.data);
  return piece;
}

bool SegmentPool::append(Piece& piece, Piece& tail) {
  if (piece.data == nullptr || tail.data == nullptr) return piece.data == tail.data;
  if (piece.room - piece.size < tail.size) return false;
  std::copy_n(tail.data, tail.size, piece.data + piece.size);
  piece.size += tail.size;
  free(tail);
  return true;
}

void SegmentPool::free(Piece& piece) {
  if (piece.data == nullptr) return;
  in_use_ -= piece.room;
  free_list(piece.room).push_back(piece.data);
  piece = {};
}

}  // namespace sensor
