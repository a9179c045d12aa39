#include "src/session/finger_analyzer.h"

#include <gtest/gtest.h>

#include "fake_context.h"

namespace sensor {
namespace {

struct Finger : testing::Test {
  FakeContext c;
  FingerAnalyzer finger;
  void from(Direction d, std::string_view bytes) { finger.on_data(c, d, as_bytes(bytes)); }
};

TEST_F(Finger, AQueryInPieces) {
  from(Direction::Resp, "banner\n");
  from(Direction::Orig, "/W al");
  EXPECT_TRUE(c.confirmed.empty());
  from(Direction::Orig, "ice\r\n");
  EXPECT_EQ(c.confirmed, std::vector<std::string>{"finger"});
  EXPECT_EQ(c.done_calls, 1);
}

TEST_F(Finger, BinaryIsAViolation) {
  from(Direction::Orig, std::string_view("\x16\x03\x01\0\n", 5));
  EXPECT_EQ(c.violations.size(), 1u);
  EXPECT_TRUE(c.confirmed.empty());
}

TEST_F(Finger, LongLinesAreAViolation) {
  for (size_t i = 0; i < 10 && c.violations.empty(); i++) from(Direction::Orig, std::string(100, 'x'));
  EXPECT_EQ(c.violations.size(), 1u);
}

TEST_F(Finger, AGapEndsTheReading) {
  finger.on_gap(c, Direction::Orig, 5);
  EXPECT_EQ(c.done_calls, 1);
}

}  // namespace
}  // namespace sensor
