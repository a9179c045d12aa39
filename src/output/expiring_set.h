// Remembers what was seen for a while.
#pragma once

#include <deque>

#include "sensor/base/fingerprint.h"
#include "sensor/base/flat_map.h"
#include "sensor/base/time.h"

namespace sensor {

/// Keys with the time they were put in. A key is forgotten `lifetime` after that, whether or not it was looked up meanwhile; when the set
/// is full, the oldest key is forgotten early and counted. Times that are handed in must not go back. Belongs to one thread.
class ExpiringSet {
 public:
  ExpiringSet(DurationNs lifetime_ns, size_t capacity) : lifetime_(lifetime_ns), capacity_(capacity) {}

  bool contains(const Fingerprint& key, TimeNs now) {
    expire(now);
    return keys_.find(key) != nullptr;
  }
  /// True when the key was not there.
  bool insert(const Fingerprint& key, TimeNs now) {
    expire(now);
    if (!keys_.try_emplace(key).second) return false;
    order_.push_back({key, now + lifetime_});
    if (order_.size() > capacity_) {
      forget_oldest();
      evicted_++;
    }
    return true;
  }
  size_t size() const { return keys_.size(); }
  uint64_t evicted() const { return evicted_; }

 private:
  void expire(TimeNs now) {
    while (!order_.empty() && order_.front().end_ns < now) forget_oldest();
  }
  void forget_oldest() {
    keys_.erase(order_.front().key);
    order_.pop_front();
  }

  struct Remembered {
    Fingerprint key;
    TimeNs end_ns;
  };
  struct Nothing {};

  DurationNs lifetime_;
  size_t capacity_;
  FlatMap<Fingerprint, Nothing, Fingerprint::Hash> keys_;
  std::deque<Remembered> order_;  // oldest first
  uint64_t evicted_ = 0;
};

}  // namespace sensor
