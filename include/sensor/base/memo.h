// What was worked out before, for what takes longer to work out than to look up.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sensor {

/// Results by the bytes that they were worked out from, all of which are compared. Of as many as `capacity`, with keys of up to `max_key`
/// bytes; longer ones are not kept. Two at a time share a place by the hash of their keys, where a new result displaces the one that was
/// not asked for last: keys that are made to meet get no worse than being worked out each time. Belongs to one thread.
template <class Result>
class Memo {
 public:
  Memo(size_t capacity, size_t max_key) : pairs_((capacity + 1) / 2), max_key_(max_key) {}

  /// What make() returned for this key, now or earlier.
  template <class Make>
  Result get(std::string_view key, Make make) {
    if (key.empty() || key.size() > max_key_) return make();
    auto& [latest, other] = pairs_[std::hash<std::string_view>{}(key) % pairs_.size()];
    if (latest.key != key) {
      std::swap(latest, other);
      if (latest.key != key) {
        latest.result = make();
        latest.key = key;
      }
    }
    return latest.result;
  }

 private:
  struct Entry {
    Result result{};
    std::string key;
  };

  std::vector<std::pair<Entry, Entry>> pairs_;
  size_t max_key_;
};

}  // namespace sensor
