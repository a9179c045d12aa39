// A hash table in one piece of memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace sensor {

/// Open addressing with linear probing. Removal moves up what follows, so that nothing is left behind. Grows when half of it is taken;
/// the caller limits what goes in. Key{} is no key. Hash: a functor giving uint64_t whose low bits are well mixed. Pointers to values are
/// valid until the next insertion or removal. Belongs to one thread.
template <class Key, class Value, class Hash>
class FlatMap {
 public:
  size_t size() const { return size_; }
  /// Null when there is none.
  Value* find(const Key& key) { return const_cast<Value*>(std::as_const(*this).find(key)); }
  const Value* find(const Key& key) const {
    if (size_ == 0) return nullptr;
    const Slot& s = slots_[place_of(key)];
    return s.key == Key{} ? nullptr : &s.value;
  }
  /// The value of the key, and whether it was put in just now.
  std::pair<Value*, bool> try_emplace(const Key& key, Value value = {}) {
    if (2 * (size_ + 1) > slots_.size()) grow();
    Slot& s = slots_[place_of(key)];
    if (s.key == key) return {&s.value, false};
    s = {key, std::move(value)};
    size_++;
    return {&s.value, true};
  }
  void erase(const Key& key) {
    if (size_ == 0) return;
    size_t hole = place_of(key);
    if (slots_[hole].key == Key{}) return;
    for (size_t i = (hole + 1) & mask(); slots_[i].key != Key{}; i = (i + 1) & mask()) {
      // What its own place lies behind the hole for, is found without it.
      const size_t home = Hash{}(slots_[i].key) & mask();
      if (((i - home) & mask()) < ((i - hole) & mask())) continue;
      slots_[hole] = std::move(slots_[i]);
      hole = i;
    }
    slots_[hole] = {};
    size_--;
  }
  /// Calls visit(key, value) for each key, in no order.
  template <class Visit>
  void for_each(Visit visit) const {
    for (const Slot& s : slots_) {
      if (s.key != Key{}) visit(s.key, s.value);
    }
  }
  /// Keeps the memory.
  void clear() {
    if (size_ != 0) slots_.assign(slots_.size(), Slot{});
    size_ = 0;
  }

 private:
  struct Slot {
    Key key{};
    Value value{};
  };

  size_t mask() const { return slots_.size() - 1; }
  /// Where the key is, or would be.
  size_t place_of(const Key& key) const {
    size_t i = Hash{}(key)&mask();
    while (slots_[i].key != key && slots_[i].key != Key{}) i = (i + 1) & mask();
    return i;
  }
  void grow() {
    std::vector<Slot> old(slots_.empty() ? 16 : 2 * slots_.size());
    old.swap(slots_);
    for (Slot& s : old) {
      if (s.key != Key{}) slots_[place_of(s.key)] = std::move(s);
    }
  }

  std::vector<Slot> slots_;  // as many as a power of two
  size_t size_ = 0;
};

}  // namespace sensor
