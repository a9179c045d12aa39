// What few connections need, allocated when the first need arises.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <memory_resource>
#include <string>
#include <vector>

#include "segment_pool.h"
#include "sensor/flow/flow.h"

namespace sensor {

/// A segment beyond a hole: the bytes from the key of its map entry up to `end`, both relative sequence numbers.
struct HeldSegment {
  uint64_t end = 0;
  SegmentPool::Piece piece;  // no data: nobody reads the stream, only its place is kept
};
using HeldMap = std::pmr::map<uint64_t, HeldSegment>;

/// Segments of a kind that come again and again.
struct Repeats {
  uint32_t count = 0;
  TimeNs last_ns = 0;
};

struct FlowExtra {
  explicit FlowExtra(std::pmr::memory_resource* memory) : held{HeldMap(memory), HeldMap(memory)} {}

  // Per direction.
  std::array<HeldMap, 2> held;
  std::array<uint64_t, 2> held_bytes{};
  std::array<uint32_t, 2> checksum_errors{}, gaps{};
  std::array<Repeats, 2> fins{}, rsts{};
  // Of the connection.
  uint64_t missed_bytes = 0;
  std::string long_history;
};

/// The extras of one worker's flows. Flow::extra is a handle; references stay valid until release().
class FlowExtras {
 public:
  explicit FlowExtras(size_t segment_bytes_max) : segments_(segment_bytes_max) {}

  /// Made on first use.
  FlowExtra& of(Flow& flow);
  FlowExtra* find(const Flow& flow) { return flow.extra == 0 ? nullptr : &all_[flow.extra - 1]; }
  const FlowExtra* find(const Flow& flow) const { return flow.extra == 0 ? nullptr : &all_[flow.extra - 1]; }
  /// Frees all that the flow had here.
  void release(Flow& flow);
  /// Frees the bytes held for a direction, and forgets the segments too unless only the bytes are to go.
  void drop_held(FlowExtra& extra, size_t direction, bool bytes_only);
  SegmentPool& segments() { return segments_; }
  size_t in_use() const { return all_.size() - free_.size(); }

 private:
  std::pmr::unsynchronized_pool_resource nodes_;
  SegmentPool segments_;
  std::deque<FlowExtra> all_;
  std::vector<uint32_t> free_;
};

}  // namespace sensor
