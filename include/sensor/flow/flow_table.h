// All connections of one worker, found by their two ends.
#pragma once

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include <bit>
#include <cstddef>

#include "sensor/base/hash.h"
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
  uint64_t hash(const FlowKey& key) const {
    // The seed enters every product, so nobody who does not know it can choose a factor that wipes out the rest.
    // The last two stand apart, so that the compiler does not load both at once: it would wait until both stores are through.
    const uint64_t ports = uint64_t{key.port[0]} << 48 | uint64_t{key.port[1]} << 32 | uint64_t{key.vlan_id} << 16 | key.ip_proto;
    uint64_t h = mix64(key.addr[0].hi() ^ seed_, key.addr[0].lo() + seed_);
    h = mix64(h ^ key.addr[1].hi(), key.addr[1].lo() + seed_);
    return mix64(h ^ ports, seed_);
  }
  /// Loads the bucket's line.
  void prefetch_bucket(uint64_t hash) const { __builtin_prefetch(&buckets_[place(hash).bucket]); }
  /// Loads the lines of the flow that most likely belongs to the hash and returns it, kNoFlow when there is none; the bucket should be in
  /// the cache by now.
  FlowIndex prefetch_flow(uint64_t hash) const {
    const auto [bucket, tag] = place(hash);
    const uint32_t bits = buckets_[bucket].matches(tag);
    if (bits == 0) return kNoFlow;
    const FlowIndex likely = buckets_[bucket].flows[static_cast<size_t>(std::countr_zero(bits))];
    const Flow& f = flows_[likely];
    __builtin_prefetch(&f, 1);
    __builtin_prefetch(&f.start_ns, 1);
    __builtin_prefetch(&f.tcp, 1);
    return likely;
  }

  /// nullptr when there is none. `likely`: what prefetch_flow() said, however long ago, or kNoFlow.
  Flow* find(const FlowKey& key, uint64_t hash, FlowIndex likely = kNoFlow) {
    if (likely != kNoFlow && flows_[likely].in_use && flows_[likely].key == key) return &flows_[likely];
    return find_by_hash(key, hash);
  }
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
  static constexpr size_t kBucketSlots = 12;
  struct alignas(64) Bucket {
    std::array<uint8_t, kBucketSlots> tags;  // 0: free
    uint16_t passed;                         // flows that belong here and found no room; stays at the maximum once it got there
    uint16_t unused;
    std::array<FlowIndex, kBucketSlots> flows;

    /// One bit for every slot with this tag.
    uint32_t matches(uint8_t tag) const {
#if defined(__SSE2__)
      const __m128i line = _mm_load_si128(reinterpret_cast<const __m128i*>(this));
      const auto equal = _mm_movemask_epi8(_mm_cmpeq_epi8(line, _mm_set1_epi8(static_cast<char>(tag))));
      return static_cast<uint32_t>(equal) & ((1U << kBucketSlots) - 1);
#else
      uint32_t bits = 0;
      for (size_t i = 0; i < kBucketSlots; i++) bits |= static_cast<uint32_t>(tags[i] == tag) << i;
      return bits;
#endif
    }
  };
  static_assert(sizeof(Bucket) == 64);
  struct Place {
    uint64_t bucket;
    uint8_t tag;
  };
  Place place(uint64_t hash) const {
    const auto tag = static_cast<uint8_t>(hash);
    return {static_cast<uint64_t>(static_cast<uint128>(hash) * buckets_.size() >> 64), tag == 0 ? uint8_t{1} : tag};
  }
  Flow* find_by_hash(const FlowKey& key, uint64_t hash);

  uint32_t capacity_;
  uint64_t seed_;
  MappedArray<Bucket> buckets_;
  MappedArray<Flow> flows_;
  uint32_t size_ = 0;
  FlowIndex high_water_ = 0;
  FlowIndex free_head_ = kNoFlow;  // chained through Flow::timer_next
};

}  // namespace sensor
