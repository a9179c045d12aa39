// All connections of one worker, found by their two ends.
#pragma once

#include <cstddef>
#include <memory>

#include "sensor/base/mapped_array.h"
#include "sensor/flow/flow.h"

namespace sensor {

/// A hash table of fixed capacity. A bucket is one cache line: one-byte tags, compared all at once, and the indexes of flows.
/// A lookup costs one line for the bucket and the flow's own; both can be prefetched for a whole burst. Nothing is allocated after
/// construction, flows never move. Belongs to one thread.
class FlowTable {
 public:
  FlowTable(uint32_t capacity, uint64_t seed);
  ~FlowTable();
  FlowTable(const FlowTable&) = delete;
  FlowTable& operator=(const FlowTable&) = delete;

  /// Seeded; the same for both directions, because the key is.
  uint64_t hash(const FlowKey& key) const;
  /// Loads the bucket's line.
  void prefetch_bucket(uint64_t hash) const;
  /// Loads the lines of the flow that most likely belongs to the hash and returns it, kNoFlow when there is none; the bucket should be in
  /// the cache by now.
  FlowIndex prefetch_flow(uint64_t hash) const;

  /// nullptr when there is none. `likely`: what prefetch_flow() said, however long ago, or kNoFlow.
  Flow* find(const FlowKey& key, uint64_t hash, FlowIndex likely = kNoFlow);
  /// A fresh flow with this key, which must not be in the table; nullptr when the table is full.
  Flow* insert(const FlowKey& key, uint64_t hash);
  void erase(Flow& flow);

  Flow& at(FlowIndex i) { return flows_[i]; }
  const Flow& at(FlowIndex i) const { return flows_[i]; }
  FlowIndex index_of(const Flow& flow) const { return static_cast<FlowIndex>(&flow - flows_.data()); }
  uint32_t size() const { return size_; }
  uint32_t capacity() const { return capacity_; }
  /// Flows with a higher index were never used.
  FlowIndex high_water() const { return high_water_; }
  /// Bytes reserved, buckets included.
  size_t memory_bytes() const;

 private:
  struct Bucket;
  struct Place {
    uint64_t bucket;
    uint8_t tag;
  };
  Place place(uint64_t hash) const;
  FlowIndex find_index(const FlowKey& key, uint64_t hash) const;

  uint32_t capacity_;
  uint64_t seed_;
  MappedArray<Bucket> buckets_;
  MappedArray<Flow> flows_;
  uint32_t size_ = 0;
  FlowIndex high_water_ = 0;
  FlowIndex free_head_ = kNoFlow;  // chained through Flow::timer_next
};

}  // namespace sensor
