#include "sensor/base/ordered_merge.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <random>

namespace sensor {
namespace {

struct Entry {
  int64_t due;
  uint64_t serial;

  bool before(const Entry& o) const { return due != o.due ? due < o.due : serial < o.serial; }
};

std::vector<Entry> drain(OrderedMerge<Entry>& merge, int64_t limit) {
  std::vector<Entry> out;
  for (const Entry* e = merge.front(); e != nullptr && e->due < limit; e = merge.front()) {
    out.push_back(*e);
    merge.pop();
  }
  return out;
}

TEST(OrderedMerge, WhatLanesGiveInAnyOrderComesInOrder) {
  std::mt19937_64 rng(3);
  OrderedMerge<Entry> merge(3);
  std::vector<Entry> want, got;
  int64_t low = 0;
  uint64_t serial = 0;
  for (int round = 0; round < 200; round++) {
    for (size_t lane = 0; lane < 3; lane++) {
      std::vector<Entry> fresh;
      for (size_t i = rng() % 40; i > 0; i--) fresh.push_back({low + static_cast<int64_t>(rng() % 500), serial++});
      want.insert(want.end(), fresh.begin(), fresh.end());
      merge.add(lane, fresh);
    }
    low += static_cast<int64_t>(rng() % 30);
    for (const Entry& e : drain(merge, low)) got.push_back(e);
    ASSERT_EQ(merge.size(), want.size() - got.size());
  }
  for (const Entry& e : drain(merge, INT64_MAX)) got.push_back(e);
  EXPECT_EQ(merge.front(), nullptr);
  std::sort(want.begin(), want.end(), [](const Entry& a, const Entry& b) { return a.before(b); });
  ASSERT_EQ(got.size(), want.size());
  for (size_t i = 0; i < want.size(); i++) ASSERT_EQ(got[i].serial, want[i].serial) << i;
}

TEST(OrderedMerge, TheEntryTakenLastStaysReadable) {
  OrderedMerge<Entry> merge(1);
  std::vector<Entry> fresh{{1, 1}, {2, 2}};
  merge.add(0, fresh);
  const Entry* first = merge.front();
  merge.pop();
  EXPECT_EQ(merge.front()->serial, 2u);
  EXPECT_EQ(first->serial, 1u);
}

/// Pieces that all overlap, as when a worker writes every open connection: the time must not grow with the square of the entries.
TEST(OrderedMerge, ManyOverlappingPieces) {
  std::mt19937_64 rng(4);
  OrderedMerge<Entry> merge(1);
  constexpr size_t kPieces = 1500, kPiece = 300;
  uint64_t serial = 0;
  for (size_t i = 0; i < kPieces; i++) {
    std::vector<Entry> fresh;
    for (size_t k = 0; k < kPiece; k++) fresh.push_back({static_cast<int64_t>(rng() % 1'000'000), serial++});
    merge.add(0, fresh);
  }
  EXPECT_EQ(drain(merge, INT64_MAX).size(), kPieces * kPiece);
}

}  // namespace
}  // namespace sensor
