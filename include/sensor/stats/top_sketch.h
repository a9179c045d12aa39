// The largest sums of a stream of (key, amount) in bounded memory.
#pragma once

#include <algorithm>
#include <cassert>
#include <cstdint>
#include <vector>

namespace sensor {

/// Space-Saving (Metwally, Agrawal, El Abbadi: "Efficient computation of frequent and top-k elements in data streams", 2005), weighted.
///
/// Keeps `capacity` keys. As long as no more keys than that were added, every sum is exact. After that, a new key takes the place of the
/// smallest one and inherits its sum as error:
///   sum - error <= true sum <= sum,   error <= total / capacity for every key, where total is everything added;
///   every key whose true sum exceeds total / capacity is among those kept.
/// Deterministic: the same additions in the same order give the same content. Memory: about (sizeof(Key) + 40) * capacity bytes.
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
    while (buckets < 2 * capacity) buckets *= 2;
    index_.assign(buckets, kNone);
    mask_ = buckets - 1;
  }

  void add(const Key& key, uint64_t amount) { add_counted(key, amount, 0); }
  /// Adds another sketch's content; the errors add up: afterwards error <= (sum of both totals) / (smaller capacity) per key.
  void merge(const TopSketch& other);
  void clear() {
    std::fill(index_.begin(), index_.end(), kNone);
    slots_.clear();
    heap_.clear();
    total_ = 0;
    is_heap_ = false;
  }

  /// The n largest sums, largest first; equal sums in the order of their keys.
  std::vector<Item> top(size_t n) const;
  uint64_t total() const { return total_; }
  size_t size() const { return slots_.size(); }
  size_t capacity() const { return capacity_; }
  /// An upper bound of the sum of any key that is not kept.
  uint64_t floor() const { return slots_.size() < capacity_ ? 0 : smallest_sum(); }

 private:
  static constexpr uint32_t kNone = UINT32_MAX;

  struct Slot {
    Item item;
    uint64_t hash;
    uint32_t heap_position = 0;
  };

  void add_counted(const Key& key, uint64_t amount, uint64_t error);
  uint64_t smallest_sum() const;
  size_t find_bucket(const Key& key, uint64_t hash) const;
  void erase_bucket(size_t bucket);
  void make_heap();
  void sift_down(size_t position);
  bool heap_less(uint32_t a, uint32_t b) const {
    const Item &x = slots_[a].item, &y = slots_[b].item;
    return x.sum != y.sum ? x.sum < y.sum : y.key < x.key;
  }
  void place(size_t position, uint32_t slot) {
    heap_[position] = slot;
    slots_[slot].heap_position = static_cast<uint32_t>(position);
  }

  size_t capacity_;
  size_t mask_;
  std::vector<uint32_t> index_;  // open addressing, linear probing: slot numbers
  std::vector<Slot> slots_;
  std::vector<uint32_t> heap_;  // slot numbers, smallest sum first; only when full
  bool is_heap_ = false;
  uint64_t total_ = 0;
};

template <class Key, class Hash>
size_t TopSketch<Key, Hash>::find_bucket(const Key& key, uint64_t hash) const {
  size_t b = hash & mask_;
  while (index_[b] != kNone && !(slots_[index_[b]].hash == hash && slots_[index_[b]].item.key == key)) b = (b + 1) & mask_;
  return b;
}

template <class Key, class Hash>
void TopSketch<Key, Hash>::erase_bucket(size_t bucket) {
  // Later keys of the probe chain move up, so that no lookup stops early at the hole.
  size_t hole = bucket;
  for (size_t b = (hole + 1) & mask_; index_[b] != kNone; b = (b + 1) & mask_) {
    const size_t home = slots_[index_[b]].hash & mask_;
    if (((b - home) & mask_) >= ((b - hole) & mask_)) {
      index_[hole] = index_[b];
      hole = b;
    }
  }
  index_[hole] = kNone;
}

template <class Key, class Hash>
void TopSketch<Key, Hash>::add_counted(const Key& key, uint64_t amount, uint64_t error) {
  total_ += amount;
  const uint64_t hash = Hash{}(key);
  const size_t bucket = find_bucket(key, hash);
  if (index_[bucket] != kNone) {
    Slot& s = slots_[index_[bucket]];
    s.item.sum += amount;
    s.item.error += error;
    if (is_heap_) sift_down(s.heap_position);
    return;
  }
  if (slots_.size() < capacity_) {
    index_[bucket] = static_cast<uint32_t>(slots_.size());
    slots_.push_back({{key, amount, error}, hash, 0});
    return;
  }
  if (!is_heap_) make_heap();
  const uint32_t victim = heap_.front();
  Slot& s = slots_[victim];
  erase_bucket(find_bucket(s.item.key, s.hash));
  index_[find_bucket(key, hash)] = victim;
  s.item = {key, s.item.sum + amount, s.item.sum + error};
  s.hash = hash;
  sift_down(0);
}

template <class Key, class Hash>
void TopSketch<Key, Hash>::make_heap() {
  heap_.resize(slots_.size());
  for (size_t i = 0; i < heap_.size(); i++) place(i, static_cast<uint32_t>(i));
  for (size_t i = heap_.size() / 2; i-- > 0;) sift_down(i);
  is_heap_ = true;
}

template <class Key, class Hash>
void TopSketch<Key, Hash>::sift_down(size_t position) {
  const uint32_t moving = heap_[position];
  while (true) {
    size_t child = 2 * position + 1;
    if (child >= heap_.size()) break;
    if (child + 1 < heap_.size() && heap_less(heap_[child + 1], heap_[child])) child++;
    if (!heap_less(heap_[child], moving)) break;
    place(position, heap_[child]);
    position = child;
  }
  place(position, moving);
}

template <class Key, class Hash>
uint64_t TopSketch<Key, Hash>::smallest_sum() const {
  if (is_heap_) return slots_[heap_.front()].item.sum;
  uint64_t smallest = UINT64_MAX;
  for (const Slot& s : slots_) smallest = std::min(smallest, s.item.sum);
  return smallest;
}

template <class Key, class Hash>
void TopSketch<Key, Hash>::merge(const TopSketch& other) {
  // A key that one side does not keep may have had up to that side's floor there.
  const uint64_t own_floor = floor(), other_floor = other.floor();
  std::vector<Item> all;
  for (const Slot& s : slots_) {
    Item item = s.item;
    const uint32_t there = other.index_[other.find_bucket(item.key, s.hash)];
    item.sum += there == kNone ? other_floor : other.slots_[there].item.sum;
    item.error += there == kNone ? other_floor : other.slots_[there].item.error;
    all.push_back(item);
  }
  for (const Slot& s : other.slots_) {
    if (index_[find_bucket(s.item.key, s.hash)] != kNone) continue;
    all.push_back({s.item.key, s.item.sum + own_floor, s.item.error + own_floor});
  }
  std::sort(all.begin(), all.end(), [](const Item& a, const Item& b) { return a.sum != b.sum ? a.sum > b.sum : a.key < b.key; });
  if (all.size() > capacity_) all.resize(capacity_);
  const uint64_t total = total_ + other.total_;
  clear();
  for (const Item& item : all) add_counted(item.key, item.sum, item.error);
  total_ = total;
}

template <class Key, class Hash>
auto TopSketch<Key, Hash>::top(size_t n) const -> std::vector<Item> {
  std::vector<Item> items;
  for (const Slot& s : slots_) items.push_back(s.item);
  n = std::min(n, items.size());
  std::partial_sort(items.begin(), items.begin() + static_cast<std::ptrdiff_t>(n), items.end(),
                    [](const Item& a, const Item& b) { return a.sum != b.sum ? a.sum > b.sum : a.key < b.key; });
  items.resize(n);
  return items;
}

}  // namespace sensor
