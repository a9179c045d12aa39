#include "src/session/detect_buffer.h"

#include <gtest/gtest.h>

#include <string>

namespace sensor {
namespace {

std::string replayed(const DetectBuffer& b) {
  std::string out;
  b.replay([&](Direction d, Bytes bytes) { out += (d == Direction::Orig ? ">" : "<") + std::string(as_chars(bytes)); },
           [&](Direction d, uint64_t n) { out += (d == Direction::Orig ? ">gap" : "<gap") + std::to_string(n); });
  return out;
}

TEST(DetectBuffer, ReplaysInOrderOfArrival) {
  DetectBuffer b;
  b.add(Direction::Orig, as_bytes("GET "));
  b.add(Direction::Resp, as_bytes("banner"));
  b.add(Direction::Orig, as_bytes("/"));
  EXPECT_EQ(replayed(b), ">GET <banner>/");
  EXPECT_EQ(as_chars(b.prefix(Direction::Orig)), "GET /");
  EXPECT_EQ(as_chars(b.prefix(Direction::Resp)), "banner");
}

TEST(DetectBuffer, ProbesDoNotSeeGaps) {
  DetectBuffer b;
  b.add(Direction::Orig, as_bytes("ab"));
  b.add_gap(Direction::Orig, 7);
  b.add(Direction::Orig, as_bytes("cd"));
  EXPECT_EQ(as_chars(b.prefix(Direction::Orig)), "abcd");
  EXPECT_EQ(replayed(b), ">ab>gap7>cd");
}

TEST(DetectBuffer, IsFullByBytesOrByPieces) {
  DetectBuffer b;
  b.add(Direction::Orig, as_bytes("12345678"));
  EXPECT_FALSE(b.full(8));
  EXPECT_FALSE(b.would_fill(0, 8));
  EXPECT_TRUE(b.would_fill(1, 8));
  b.add(Direction::Resp, as_bytes("9"));
  EXPECT_TRUE(b.full(8));
  b.clear();
  EXPECT_FALSE(b.full(8));
  for (size_t i = 0; i < DetectBuffer::kMaxChunks; i++) b.add_gap(Direction::Resp, 1);
  EXPECT_FALSE(b.full(8));
  EXPECT_TRUE(b.would_fill(1, 8));
  b.add_gap(Direction::Resp, 1);
  EXPECT_TRUE(b.full(8));
}

}  // namespace
}  // namespace sensor
