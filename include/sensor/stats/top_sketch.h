// The largest sums of a stream of (key, amount) in bounded memory.
#pragma once

#include <algorithm>
#include <cassert>
#include <cstdint>
#include <vector>

namespace sensor {

/// Misra and Gries' frequent items ("Finding repeated elements", 1982), weighted, with half of the keys given up at a time (Anderson et
/// al.: "A high-performance algorithm for identifying frequent items in data streams", 2017), so that an addition costs one lookup.
///
/// Keeps up to 2 * capacity keys. As long as no more keys than that were added, every sum is exact. When there would be more, the smaller
/// half goes; the largest sum among those is the floor from then on: a new key may have had as much before, and begins with it as error.
///   sum - error <= true sum <= sum,   error <= floor <= total / capacity for every key, where total is everything added;
///   every key whose true sum exceeds total / capacity is among those kept.
/// Deterministic: the same additions in the same order give the same content. Memory: about 2 * (sizeof(Key) + 40) * capacity bytes.
/// Key: equality-comparable, less-than-comparable (ties are broken by it). Hash: a functor giving uint64_t. Belongs to one thread.
template <class Key, class Hash>
class TopSketch {
 public:
  struct Item {
    Key key;
    uint64_t sum = 0;    // at least the true sum
    uint64_t error = 0;  // at most this much more than the true sum
  };

  explicit TopSketch(size_t capacity) : capacity_(capacity) {
    assert(capacity > 0);
    size_t buckets = 16;
    while (buckets < 4 * capacity) buckets *= 2;
    index_.assign(buckets, kNone);
    mask_ = buckets - 1;
  }

  void add(const Key& key, uint64_t amount);
  /// Adds another sketch's content; the errors add up: afterwards error <= (sum of both totals) / (smaller capacity) per key.
  void merge(const TopSketch& other);
  void clear() {
    reindex({});
    floor_ = total_ = 0;
  }

  /// The n largest sums, largest first; equal sums in the order of their keys.
  std::vector<Item> top(size_t n) const;
  uint64_t total() const { return total_; }
  size_t size() const { return slots_.size(); }
  size_t capacity() const { return capacity_; }
  /// An upper bound of the sum of any key that is not kept.
  uint64_t floor() const { return floor_; }

 private:
  static constexpr uint32_t kNone = UINT32_MAX;

  struct Slot {
    Item item;
    uint64_t hash;
  };

  static bool larger(const Item& a, const Item& b) { return a.sum != b.sum ? a.sum > b.sum : a.key < b.key; }
  uint32_t find(const Key& key, uint64_t hash) const { return index_[bucket_of(key, hash)]; }
  size_t bucket_of(const Key& key, uint64_t hash) const;
  void prune();
  void reindex(std::vector<Slot> slots);

  size_t capacity_;
  size_t mask_;
  std::vector<uint32_t> index_;  // open addressing, linear probing: slot numbers
  std::vector<Slot> slots_;
  uint64_t floor_ = 0;
  uint64_t total_ = 0;
};

template <class Key, class Hash>
size_t TopSketch<Key, Hash>::bucket_of(const Key& key, uint64_t hash) const {
  size_t b = hash & mask_;
  while (index_[b] != kNone && !(slots_[index_[b]].hash == hash && slots_[index_[b]].item.key == key)) b = (b + 1) & mask_;
  return b;
}

template <class Key, class Hash>
void TopSketch<Key, Hash>::add(const Key& key, uint64_t amount) {
  total_ += amount;
  const uint64_t hash = Hash{}(key);
  size_t bucket = bucket_of(key, hash);
  if (index_[bucket] != kNone) {
    slots_[index_[bucket]].item.sum += amount;
    return;
  }
  if (slots_.size() == 2 * capacity_) {
    prune();
    bucket = bucket_of(key, hash);
  }
  index_[bucket] = static_cast<uint32_t>(slots_.size());
  slots_.push_back({{key, floor_ + amount, floor_}, hash});
}

/// Gives up the smaller half. At least `capacity` keys have the new floor or more, of which they owed the old floor to others: so much of
/// the total stands behind every unit by which the floor rises.
template <class Key, class Hash>
void TopSketch<Key, Hash>::prune() {
  std::vector<Slot> slots = std::move(slots_);
  const auto keep = slots.begin() + static_cast<std::ptrdiff_t>(capacity_);
  std::nth_element(slots.begin(), keep, slots.end(), [](const Slot& a, const Slot& b) { return larger(a.item, b.item); });
  floor_ = std::max(floor_, keep->item.sum);
  slots.erase(keep, slots.end());
  reindex(std::move(slots));
}

template <class Key, class Hash>
void TopSketch<Key, Hash>::reindex(std::vector<Slot> slots) {
  std::fill(index_.begin(), index_.end(), kNone);
  slots_ = std::move(slots);
  for (size_t i = 0; i < slots_.size(); i++) {
    size_t b = slots_[i].hash & mask_;
    while (index_[b] != kNone) b = (b + 1) & mask_;
    index_[b] = static_cast<uint32_t>(i);
  }
}

template <class Key, class Hash>
void TopSketch<Key, Hash>::merge(const TopSketch& other) {
  // A key that one side does not keep may have had up to that side's floor there.
  std::vector<Slot> all;
  for (const Slot& s : slots_) {
    const uint32_t there = other.find(s.item.key, s.hash);
    Slot sum = s;
    sum.item.sum += there == kNone ? other.floor_ : other.slots_[there].item.sum;
    sum.item.error += there == kNone ? other.floor_ : other.slots_[there].item.error;
    all.push_back(sum);
  }
  for (const Slot& s : other.slots_) {
    if (find(s.item.key, s.hash) == kNone) all.push_back({{s.item.key, s.item.sum + floor_, s.item.error + floor_}, s.hash});
  }
  total_ += other.total_;
  floor_ += other.floor_;
  std::sort(all.begin(), all.end(), [](const Slot& a, const Slot& b) { return larger(a.item, b.item); });
  if (all.size() > 2 * capacity_) {
    floor_ = std::max(floor_, all[capacity_].item.sum);
    all.resize(capacity_);
  }
  reindex(std::move(all));
}

template <class Key, class Hash>
auto TopSketch<Key, Hash>::top(size_t n) const -> std::vector<Item> {
  std::vector<Item> items;
  for (const Slot& s : slots_) items.push_back(s.item);
  n = std::min(n, items.size());
  std::partial_sort(items.begin(), items.begin() + static_cast<std::ptrdiff_t>(n), items.end(), larger);
  items.resize(n);
  return items;
}

}  // namespace sensor
