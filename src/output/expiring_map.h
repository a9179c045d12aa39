// Remembers something about keys for a while.
#pragma once

#include <algorithm>
#include <deque>
#include <string>
#include <unordered_map>

#include "sensor/base/time.h"

namespace sensor {

/// Like ExpiringSet, with a value for each key: a key is forgotten `lifetime` after it was put in; when the map is full, the oldest key
/// makes room. A time before an earlier one counts as the earlier one. Belongs to one thread.
template <class Value>
class ExpiringMap {
 public:
  ExpiringMap(DurationNs lifetime_ns, size_t capacity) : lifetime_(lifetime_ns), capacity_(capacity) {}

  /// The key's value; a new one when it is not there. Valid until the next call.
  Value& get(const std::string& key, TimeNs now) {
    expire(now);
    const auto known = values_.find(key);
    if (known != values_.end()) return known->second;
    if (order_.size() >= capacity_) forget_oldest();
    const auto it = values_.try_emplace(key).first;
    order_.push_back({&it->first, now_});
    return it->second;
  }
  /// Null when the key is not there.
  Value* find(const std::string& key, TimeNs now) {
    expire(now);
    const auto it = values_.find(key);
    return it == values_.end() ? nullptr : &it->second;
  }
  /// Of the keys that are there, too.
  void set_lifetime(DurationNs lifetime_ns) { lifetime_ = lifetime_ns; }
  size_t size() const { return values_.size(); }

 private:
  void expire(TimeNs now) {
    now_ = std::max(now_, now);
    while (!order_.empty() && order_.front().begun_ns + lifetime_ < now_) forget_oldest();
  }
  void forget_oldest() {
    values_.erase(values_.find(*order_.front().key));
    order_.pop_front();
  }

  struct Remembered {
    const std::string* key;  // in values_
    TimeNs begun_ns;
  };

  DurationNs lifetime_;
  size_t capacity_;
  TimeNs now_ = 0;
  std::unordered_map<std::string, Value> values_;
  std::deque<Remembered> order_;  // oldest first
};

}  // namespace sensor
