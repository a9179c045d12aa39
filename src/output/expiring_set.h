// Remembers what was seen for a while.
#pragma once

#include <deque>
#include <string>
#include <string_view>
#include <unordered_set>

#include "sensor/base/time.h"

namespace sensor {

/// Keys with the time they were put in. A key is forgotten `lifetime` after that, whether or not it was looked up meanwhile; when the set
/// is full, the oldest key is forgotten early and counted. Times that are handed in must not go back. Belongs to one thread.
class ExpiringSet {
 public:
  ExpiringSet(DurationNs lifetime_ns, size_t capacity) : lifetime_(lifetime_ns), capacity_(capacity) {}

  bool contains(const std::string& key, TimeNs now) {
    expire(now);
    return keys_.contains(key);
  }
  /// True when the key was not there.
  bool insert(const std::string& key, TimeNs now) {
    expire(now);
    const auto [it, is_new] = keys_.insert(key);
    if (!is_new) return false;
    order_.push_back({&*it, now + lifetime_});
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
    keys_.erase(keys_.find(*order_.front().key));
    order_.pop_front();
  }

  struct Remembered {
    const std::string* key;  // in keys_
    TimeNs end_ns;
  };

  DurationNs lifetime_;
  size_t capacity_;
  std::unordered_set<std::string> keys_;
  std::deque<Remembered> order_;  // oldest first
  uint64_t evicted_ = 0;
};

}  // namespace sensor
