#include "sensor/flow/flow_table.h"

#include <algorithm>
#include <cassert>

namespace sensor {

namespace {

/// Buckets are planned for this many flows each: at two thirds full, one lookup in twenty needs a second line.
constexpr uint32_t kPlannedFlowsPerBucket = 8;

/// More than the flows that can be busy at once: one can always be evicted.
constexpr uint32_t kCapacityMin = 64;

}  // namespace

FlowTable::FlowTable(uint32_t capacity, uint64_t seed)
    : capacity_(std::clamp<uint32_t>(capacity, kCapacityMin, kNoFlow - 1)),
      seed_(mix64(seed, 0x5e1f)),
      buckets_(capacity_ / kPlannedFlowsPerBucket + 2),
      flows_(capacity_) {}

FlowTable::~FlowTable() = default;

size_t FlowTable::memory_bytes() const {
  return buckets_.bytes() + flows_.bytes();
}

Flow* FlowTable::find_by_hash(const FlowKey& key, uint64_t hash) {
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
