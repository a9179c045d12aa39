// Remembers what was seen for a while.
#pragma once

#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>

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
    const auto [it, is_new] = keys_.try_emplace(key, now);
    if (!is_new) return false;
    order_.push_back(&it->first);
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
    while (!order_.empty() && keys_.find(*order_.front())->second + lifetime_ < now) forget_oldest();
  }
  void forget_oldest() {
    const std::string key = *order_.front();
    order_.pop_front();
    keys_.erase(key);
  }

  DurationNs lifetime_;
  size_t capacity_;
  std::unordered_map<std::string, TimeNs> keys_;
  std::deque<const std::string*> order_;  // keys of keys_, oldest first
  uint64_t evicted_ = 0;
};

}  // namespace sensor
