#include "sensor/stats/top_sketch.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <random>

#include "sensor/base/hash.h"

namespace sensor {
namespace {

struct IntHash {
  uint64_t operator()(uint64_t v) const { return mix64(v, 1); }
};
/// All keys in one probe chain.
struct SameHash {
  uint64_t operator()(uint64_t) const { return 5; }
};
using Sketch = TopSketch<uint64_t, IntHash>;

/// A stream whose keys are unevenly frequent, and its true sums.
struct Stream {
  std::map<uint64_t, uint64_t> sums;
  std::vector<std::pair<uint64_t, uint64_t>> items;

  Stream(unsigned seed, size_t n, double skew) {
    std::mt19937_64 rng(seed);
    std::uniform_real_distribution<double> u(0, 1);
    for (size_t i = 0; i < n; i++) {
      const auto key = static_cast<uint64_t>(std::pow(u(rng), -skew));
      const uint64_t amount = 1 + rng() % 100;
      items.emplace_back(key, amount);
      sums[key] += amount;
    }
  }
};

template <class S>
void expect_bounds(const S& sketch, const std::map<uint64_t, uint64_t>& sums, uint64_t bound) {
  std::map<uint64_t, uint64_t> kept;
  for (const auto& item : sketch.top(sketch.size())) {
    const auto it = sums.find(item.key);
    const uint64_t truth = it == sums.end() ? 0 : it->second;
    EXPECT_GE(item.sum, truth) << item.key;
    EXPECT_LE(item.sum - item.error, truth) << item.key;
    EXPECT_LE(item.error, bound) << item.key;
    kept[item.key] = item.sum;
  }
  for (const auto& [key, truth] : sums) {
    EXPECT_TRUE(truth <= bound || kept.contains(key)) << key << " with " << truth;
  }
}

TEST(TopSketch, ExactWhileThereIsRoom) {
  Sketch s(4);
  for (uint64_t k : {3u, 1u, 3u, 2u}) s.add(k, {10});
  const auto top = s.top(10);
  ASSERT_EQ(top.size(), 3u);
  EXPECT_EQ(top[0].key, 3u);
  EXPECT_EQ(top[0].sum, 20u);
  EXPECT_EQ(top[1].key, 1u) << "ties go by key";
  EXPECT_EQ(top[2].key, 2u);
  for (const auto& item : top) EXPECT_EQ(item.error, 0u);
  EXPECT_EQ(s.total(), 40u);
  EXPECT_EQ(s.floor(), 0u);
}

TEST(TopSketch, TheStatedErrorHolds) {
  for (const double skew : {0.5, 1.0, 2.0}) {
    for (const size_t capacity : {1u, 16u, 256u}) {
      const Stream stream(7, 20'000, skew);
      Sketch s(capacity);
      for (const auto& [key, amount] : stream.items) s.add(key, {amount});
      EXPECT_LE(s.size(), 2 * capacity);
      EXPECT_LE(s.floor(), s.total() / capacity);
      expect_bounds(s, stream.sums, s.total() / capacity);
    }
  }
}

TEST(TopSketch, ProbeChainsSurvivePruning) {
  TopSketch<uint64_t, SameHash> s(8);
  std::map<uint64_t, uint64_t> sums;
  std::mt19937_64 rng(3);
  for (int i = 0; i < 5000; i++) {
    const uint64_t key = rng() % 40;
    s.add(key, {1});
    sums[key]++;
  }
  expect_bounds(s, sums, s.total() / 8);
}

TEST(TopSketch, MergedSketchesKeepTheirBounds) {
  const Stream a(1, 20'000, 1.0), b(2, 20'000, 1.2);
  Sketch x(128), y(128);
  for (const auto& [key, amount] : a.items) x.add(key, {amount});
  for (const auto& [key, amount] : b.items) y.add(key, {amount});
  auto sums = a.sums;
  for (const auto& [key, sum] : b.sums) sums[key] += sum;
  x.merge(y);
  EXPECT_GE(x.size(), 128u);
  EXPECT_LE(x.size(), 256u);
  expect_bounds(x, sums, x.total() / 128);
}

TEST(TopSketch, MergingSmallOnesIsExact) {
  Sketch x(8), y(8);
  x.add(1, {5});
  y.add(1, {6});
  y.add(2, {1});
  x.merge(y);
  const auto top = x.top(8);
  ASSERT_EQ(top.size(), 2u);
  EXPECT_EQ(top[0].sum, 11u);
  EXPECT_EQ(top[0].error, 0u);
  EXPECT_EQ(x.total(), 12u);
}

TEST(TopSketch, ClearedIsAsNew) {
  Sketch s(2);
  for (uint64_t k = 0; k < 100; k++) s.add(k, {1});
  s.clear();
  s.add(7, {1});
  EXPECT_EQ(s.size(), 1u);
  EXPECT_EQ(s.total(), 1u);
  EXPECT_EQ(s.top(1)[0].error, 0u);
}

}  // namespace
}  // namespace sensor
