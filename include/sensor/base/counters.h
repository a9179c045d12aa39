// Counters that one thread writes and any thread may read.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace sensor {

/// What a counter is called and what one unit of it means. Names are snake_case and go into stats.log and metrics as they are.
struct CounterInfo {
  std::string_view name;
  std::string_view help;
};

/// One 64-bit counter for every value of Enum, which ends in kCount and has a table `CounterInfo[kCount]` beside it.
/// One thread adds; others read values that may be a moment old, never torn.
template <class Enum>
class CounterBlock {
 public:
  static constexpr size_t kSize = static_cast<size_t>(Enum::kCount);

  void add(Enum c, uint64_t n = 1) {
    auto& v = values_[static_cast<size_t>(c)];
    v.store(v.load(std::memory_order_relaxed) + n, std::memory_order_relaxed);
  }
  void set(Enum c, uint64_t n) { values_[static_cast<size_t>(c)].store(n, std::memory_order_relaxed); }
  uint64_t get(Enum c) const { return values_[static_cast<size_t>(c)].load(std::memory_order_relaxed); }

 private:
  std::array<std::atomic<uint64_t>, kSize> values_{};
};

}  // namespace sensor
