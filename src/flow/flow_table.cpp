#include "sensor/flow/flow_table.h"

#include <algorithm>
#include <bit>
#include <cassert>

#include "sensor/base/hash.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace sensor {

namespace {

constexpr size_t kBucketSlots = 12;
/// Buckets are planned for this many flows each: at two thirds full, one lookup in twenty needs a second line.
constexpr uint32_t kPlannedFlowsPerBucket = 8;

/// More than the flows that can be busy at once: one can always be evicted.
constexpr uint32_t kCapacityMin = 64;

}  // namespace

struct alignas(64) FlowTable::Bucket {
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

FlowTable::FlowTable(uint32_t capacity, uint64_t seed)
    : capacity_(std::clamp<uint32_t>(capacity, kCapacityMin, kNoFlow - 1)),
      seed_(mix64(seed, 0x5e1f)),
      buckets_(capacity_ / kPlannedFlowsPerBucket + 2),
      flows_(capacity_) {
  static_assert(sizeof(Bucket) == 64);
}

FlowTable::~FlowTable() = default;

size_t FlowTable::memory_bytes() const {
  return buckets_.bytes() + flows_.bytes();
}

uint64_t FlowTable::hash(const FlowKey& key) const {
  // The seed enters every product, so nobody who does not know it can choose a factor that wipes out the rest.
  const uint64_t ports = uint64_t{key.port[0]} << 32 | uint64_t{key.port[1]} << 16 | uint64_t{key.vlan_id} << 8 | key.ip_proto;
  uint64_t h = mix64(key.addr[0].hi() ^ seed_, key.addr[0].lo() + seed_);
  h = mix64(h ^ key.addr[1].hi(), key.addr[1].lo() + seed_);
  return mix64(h ^ ports, seed_);
}

FlowTable::Place FlowTable::place(uint64_t hash) const {
  const auto tag = static_cast<uint8_t>(hash);
  return {static_cast<uint64_t>(static_cast<uint128>(hash) * buckets_.size() >> 64), tag == 0 ? uint8_t{1} : tag};
}

void FlowTable::prefetch_bucket(uint64_t hash) const {
  __builtin_prefetch(&buckets_[place(hash).bucket]);
}

FlowIndex FlowTable::prefetch_flow(uint64_t hash) const {
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

Flow* FlowTable::find(const FlowKey& key, uint64_t hash, FlowIndex likely) {
  if (likely != kNoFlow && flows_[likely].in_use && flows_[likely].key == key) return &flows_[likely];
  auto [b, tag] = place(hash);
  for (uint64_t steps = 0; steps < buckets_.size(); steps++) {
    const Bucket& bucket = buckets_[b];
    for (uint32_t bits = bucket.matches(tag); bits != 0; bits &= bits - 1) {
      Flow& f = flows_[bucket.flows[static_cast<size_t>(std::countr_zero(bits))]];
      if (f.key == key) return &f;
    }
    if (bucket.passed == 0) return nullptr;
    if (++b == buckets_.size()) b = 0;
  }
  return nullptr;
}

Flow* FlowTable::insert(const FlowKey& key, uint64_t hash) {
  if (size_ == capacity_) return nullptr;
  FlowIndex index = free_head_;
  if (index != kNoFlow) {
    free_head_ = flows_[index].timer_next;
  } else {
    index = high_water_++;
  }
  auto [b, tag] = place(hash);
  uint32_t free = buckets_[b].matches(0);
  while (free == 0) {
    if (buckets_[b].passed != UINT16_MAX) buckets_[b].passed++;
    if (++b == buckets_.size()) b = 0;
    free = buckets_[b].matches(0);
  }
  const auto slot = static_cast<size_t>(std::countr_zero(free));
  buckets_[b].tags[slot] = tag;
  buckets_[b].flows[slot] = index;
  Flow* f = new (&flows_[index]) Flow();
  f->key = key;
  f->in_use = true;
  size_++;
  return f;
}

void FlowTable::erase(Flow& flow) {
  assert(flow.in_use);
  const FlowIndex index = index_of(flow);
  auto [b, tag] = place(hash(flow.key));
  for (;;) {
    Bucket& bucket = buckets_[b];
    for (uint32_t bits = bucket.matches(tag); bits != 0; bits &= bits - 1) {
      const auto slot = static_cast<size_t>(std::countr_zero(bits));
      if (bucket.flows[slot] != index) continue;
      bucket.tags[slot] = 0;
      flow.in_use = false;
      flow.timer_next = free_head_;
      free_head_ = index;
      size_--;
      return;
    }
    assert(bucket.passed != 0);
    if (bucket.passed != UINT16_MAX) bucket.passed--;
    if (++b == buckets_.size()) b = 0;
  }
}

}  // namespace sensor
