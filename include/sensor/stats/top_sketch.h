// The largest sums of a stream of (key, amount) in bounded memory.
#pragma once

#include <algorithm>
#include <array>
#include <cassert>
#include <cstdint>
#include <numeric>
#include <vector>

namespace sensor {

/// Misra and Gries' frequent items ("Finding repeated elements", 1982), weighted, with most of the keys given up at a time (Anderson et
/// al.: "A high-performance algorithm for identifying frequent items in data streams", 2017), so that an addition costs one lookup.
/// A key has a sum in each of kMetrics metrics.
///
/// Keeps up to 2 * kMetrics * capacity keys. As long as no more keys than that were added, every sum is exact. When there would be more,
/// those stay whose sum in some metric is among its `capacity` largest. The largest sum in a metric among those that go is the metric's
/// floor from then on: a new key may have had as much before, and begins with it as error. In each metric:
///   sum - error <= true sum <= sum,   error <= floor <= total / capacity for every key, where total is everything added;
///   every key whose true sum exceeds total / capacity is among those kept.
/// Deterministic: the same additions in the same order give the same content. Memory: about 2 * (sizeof(Key) + 16 * kMetrics + 20) bytes
/// for each of kMetrics * capacity keys.
/// Key: equality-comparable, less-than-comparable (ties are broken by it). Hash: a functor giving uint64_t. Belongs to one thread.
template <class Key, class Hash, size_t kMetrics = 1>
class TopSketch {
 public:
  using Sums = std::array<uint64_t, kMetrics>;
  struct Item {
    Key key;
    uint64_t sum = 0;    // at least the true sum
    uint64_t error = 0;  // at most this much more than the true sum
  };

  explicit TopSketch(size_t capacity) : capacity_(capacity) {
    assert(capacity > 0);
    size_t buckets = 16;
    while (buckets < 2 * max_size()) buckets *= 2;
    index_.assign(buckets, kNone);
    mask_ = buckets - 1;
  }

  void add(const Key& key, const Sums& amounts);
  /// Of a key that is added soon: first this, then that.
  void prefetch_index(const Key& key) const { __builtin_prefetch(&index_[Hash{}(key)&mask_]); }
  void prefetch(const Key& key) const {
    const uint32_t slot = index_[Hash{}(key)&mask_];
    if (slot == kNone) return;
    __builtin_prefetch(&slots_[slot], 1);
    __builtin_prefetch(&slots_[slot].sums.back(), 1);
  }
  /// Adds another sketch's content; the errors add up: afterwards error <= (sum of both totals) / (smaller capacity) per key.
  void merge(const TopSketch& other);
  void clear() {
    slots_.clear();
    reindex();
    floors_ = totals_ = {};
  }

  /// The n largest sums that are more than their errors, largest first; equal sums in the order of their keys.
  std::vector<Item> top(size_t n, size_t metric = 0) const;
  uint64_t total(size_t metric = 0) const { return totals_[metric]; }
  size_t size() const { return slots_.size(); }
  size_t capacity() const { return capacity_; }
  /// An upper bound of the sum of any key that is not kept.
  uint64_t floor(size_t metric = 0) const { return floors_[metric]; }

 private:
  static constexpr uint32_t kNone = UINT32_MAX;

  struct Slot {
    uint64_t hash;
    Key key;
    Sums sums, errors;
  };

  static void add_to(Sums& sums, const Sums& amounts) {
    for (size_t m = 0; m < kMetrics; m++) sums[m] += amounts[m];
  }
  size_t max_size() const { return 2 * kMetrics * capacity_; }
  uint32_t find(const Key& key, uint64_t hash) const { return index_[bucket_of(key, hash)]; }
  size_t bucket_of(const Key& key, uint64_t hash) const;
  std::vector<bool> largest() const;
  void prune();
  void reindex();

  size_t capacity_;
  size_t mask_;
  std::vector<uint32_t> index_;  // open addressing, linear probing: slot numbers
  std::vector<Slot> slots_;
  Sums floors_{}, totals_{};
};

template <class Key, class Hash, size_t kMetrics>
size_t TopSketch<Key, Hash, kMetrics>::bucket_of(const Key& key, uint64_t hash) const {
  size_t b = hash & mask_;
  while (index_[b] != kNone && !(slots_[index_[b]].hash == hash && slots_[index_[b]].key == key)) b = (b + 1) & mask_;
  return b;
}

template <class Key, class Hash, size_t kMetrics>
void TopSketch<Key, Hash, kMetrics>::add(const Key& key, const Sums& amounts) {
  add_to(totals_, amounts);
  const uint64_t hash = Hash{}(key);
  size_t bucket = bucket_of(key, hash);
  if (index_[bucket] != kNone) return add_to(slots_[index_[bucket]].sums, amounts);
  if (slots_.size() == max_size()) {
    prune();
    bucket = bucket_of(key, hash);
  }
  index_[bucket] = static_cast<uint32_t>(slots_.size());
  slots_.push_back({hash, key, floors_, floors_});
  add_to(slots_.back().sums, amounts);
}

/// Which slots have one of the `capacity` largest sums in some metric. There are more slots than that.
template <class Key, class Hash, size_t kMetrics>
std::vector<bool> TopSketch<Key, Hash, kMetrics>::largest() const {
  std::vector<bool> is_large(slots_.size());
  std::vector<uint32_t> order(slots_.size());
  std::iota(order.begin(), order.end(), 0u);
  const auto end = order.begin() + static_cast<std::ptrdiff_t>(capacity_);
  for (size_t m = 0; m < kMetrics; m++) {
    std::nth_element(order.begin(), end, order.end(), [&](uint32_t i, uint32_t j) {
      const Slot &a = slots_[i], &b = slots_[j];
      return a.sums[m] != b.sums[m] ? a.sums[m] > b.sums[m] : a.key < b.key;
    });
    std::for_each(order.begin(), end, [&](uint32_t i) { is_large[i] = true; });
  }
  return is_large;
}

/// Gives up the others. In a metric, at least `capacity` keys have the new floor or more, of which they owed the old floor to others: so
/// much of the total stands behind every unit by which the floor rises.
template <class Key, class Hash, size_t kMetrics>
void TopSketch<Key, Hash, kMetrics>::prune() {
  const std::vector<bool> stays = largest();
  size_t kept = 0;
  for (size_t i = 0; i < slots_.size(); i++) {
    if (stays[i]) {
      slots_[kept++] = slots_[i];
    } else {
      for (size_t m = 0; m < kMetrics; m++) floors_[m] = std::max(floors_[m], slots_[i].sums[m]);
    }
  }
  slots_.resize(kept);
  reindex();
}

template <class Key, class Hash, size_t kMetrics>
void TopSketch<Key, Hash, kMetrics>::reindex() {
  std::fill(index_.begin(), index_.end(), kNone);
  for (size_t i = 0; i < slots_.size(); i++) {
    size_t b = slots_[i].hash & mask_;
    while (index_[b] != kNone) b = (b + 1) & mask_;
    index_[b] = static_cast<uint32_t>(i);
  }
}

template <class Key, class Hash, size_t kMetrics>
void TopSketch<Key, Hash, kMetrics>::merge(const TopSketch& other) {
  // A key that one side does not keep may have had up to that side's floor there.
  for (Slot& s : slots_) {
    const uint32_t there = other.find(s.key, s.hash);
    add_to(s.sums, there == kNone ? other.floors_ : other.slots_[there].sums);
    add_to(s.errors, there == kNone ? other.floors_ : other.slots_[there].errors);
  }
  for (const Slot& s : other.slots_) {
    if (find(s.key, s.hash) != kNone) continue;
    Slot& added = slots_.emplace_back(s);  // not in the index yet, which has no room for all
    add_to(added.sums, floors_);
    add_to(added.errors, floors_);
  }
  add_to(totals_, other.totals_);
  add_to(floors_, other.floors_);
  slots_.size() > max_size() ? prune() : reindex();
}

template <class Key, class Hash, size_t kMetrics>
auto TopSketch<Key, Hash, kMetrics>::top(size_t n, size_t metric) const -> std::vector<Item> {
  std::vector<Item> items;
  for (const Slot& s : slots_) {
    if (s.sums[metric] > s.errors[metric]) items.push_back({s.key, s.sums[metric], s.errors[metric]});
  }
  n = std::min(n, items.size());
  std::partial_sort(items.begin(), items.begin() + static_cast<std::ptrdiff_t>(n), items.end(),
                    [](const Item& a, const Item& b) { return a.sum != b.sum ? a.sum > b.sum : a.key < b.key; });
  items.resize(n);
  return items;
}

}  // namespace sensor
