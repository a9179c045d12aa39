#include "sensor/base/flat_map.h"

#include <gtest/gtest.h>

#include <unordered_map>

#include "sensor/base/fingerprint.h"

namespace sensor {
namespace {

/// Few places, so that keys meet.
struct PoorHash {
  uint64_t operator()(uint64_t key) const { return key % 7 * 5; }
};
using Map = FlatMap<uint64_t, uint64_t, PoorHash>;

TEST(FlatMap, KeepsTheFirstValue) {
  Map map;
  EXPECT_EQ(map.find(5), nullptr);
  EXPECT_TRUE(map.try_emplace(5, 50).second);
  const auto [value, is_new] = map.try_emplace(5, 51);
  EXPECT_FALSE(is_new);
  EXPECT_EQ(*value, 50u);
  EXPECT_EQ(map.size(), 1u);
}

TEST(FlatMap, HoldsWhatAnOrdinaryMapHolds) {
  Map map;
  std::unordered_map<uint64_t, uint64_t> expected;
  uint64_t random = 1;
  for (int i = 0; i < 20'000; i++) {
    random = mix64(random, 99);
    const uint64_t key = 1 + random % 300;
    if (random >> 60 < 9) {
      EXPECT_EQ(map.try_emplace(key, random).second, expected.try_emplace(key, random).second);
    } else {
      map.erase(key);
      expected.erase(key);
    }
    const uint64_t other = 1 + (random >> 20) % 300;
    const uint64_t* found = map.find(other);
    const auto it = expected.find(other);
    ASSERT_EQ(found != nullptr, it != expected.end());
    if (found != nullptr) {
      ASSERT_EQ(*found, it->second);
    }
    ASSERT_EQ(map.size(), expected.size());
  }
}

TEST(FlatMap, IsUsedAgainAfterClear) {
  Map map;
  for (uint64_t key = 1; key < 100; key++) map.try_emplace(key, key);
  map.clear();
  EXPECT_EQ(map.size(), 0u);
  EXPECT_EQ(map.find(7), nullptr);
  map.erase(7);
  EXPECT_TRUE(map.try_emplace(7, 1).second);
}

TEST(Fingerprint, DependsOnWhereThePartsEnd) {
  EXPECT_EQ(Fingerprint("abc").add(1), Fingerprint("abc").add(1));
  EXPECT_NE(Fingerprint("abc").add("d"), Fingerprint("ab").add("cd"));
  EXPECT_NE(Fingerprint("12345678"), Fingerprint("12345678").add(""));
  EXPECT_NE(Fingerprint(std::string_view("\0", 1)), Fingerprint(""));
  EXPECT_NE(Fingerprint("").add(1).add(2), Fingerprint("").add(2).add(1));
}

}  // namespace
}  // namespace sensor
