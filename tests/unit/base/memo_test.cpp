#include "sensor/base/memo.h"

#include <gtest/gtest.h>

namespace sensor {
namespace {

/// Results that say how many were worked out before.
class MemoTest : public testing::Test {
 protected:
  int get(Memo<int>& memo, std::string_view key) {
    return memo.get(key, [&] { return ++made_; });
  }

 private:
  int made_ = 0;
};

TEST_F(MemoTest, WorksOutEachKeyOnce) {
  Memo<int> memo(8, 16);
  EXPECT_EQ(get(memo, "a"), 1);
  EXPECT_EQ(get(memo, "b"), 2);
  EXPECT_EQ(get(memo, "a"), 1);
  EXPECT_EQ(get(memo, "b"), 2);
}

TEST_F(MemoTest, OfThreeKeysThatMeetTheOneNotAskedForLongestGoes) {
  Memo<int> memo(2, 16);
  EXPECT_EQ(get(memo, "a"), 1);
  EXPECT_EQ(get(memo, "b"), 2);
  EXPECT_EQ(get(memo, "a"), 1);
  EXPECT_EQ(get(memo, "c"), 3);
  EXPECT_EQ(get(memo, "a"), 1);
  EXPECT_EQ(get(memo, "b"), 4);
}

TEST_F(MemoTest, KeepsNoKeyThatIsLongOrEmpty) {
  Memo<int> memo(8, 4);
  EXPECT_EQ(get(memo, "four"), 1);
  EXPECT_EQ(get(memo, "four"), 1);
  EXPECT_EQ(get(memo, "fives"), 2);
  EXPECT_EQ(get(memo, "fives"), 3);
  EXPECT_EQ(get(memo, ""), 4);
  EXPECT_EQ(get(memo, ""), 5);
}

TEST_F(MemoTest, ManyKeysTakeNoMorePlaces) {
  Memo<int> memo(64, 16);
  for (int i = 0; i < 1000; i++) EXPECT_EQ(get(memo, std::to_string(i)), i + 1);
  int known = 0;
  for (int i = 0; i < 1000; i++) known += memo.get(std::to_string(i), [] { return 0; }) != 0 ? 1 : 0;
  EXPECT_LE(known, 64);
}

}  // namespace
}  // namespace sensor
