#include "dpi/finger/finger.h"

#include <gtest/gtest.h>

#include <string>

namespace sensor::finger {
namespace {

std::string read(std::string_view line) {
  const auto q = parse_query(line);
  return q ? std::string(q->verbose ? "verbose " : "") + std::string(q->user) + "|" + std::string(q->host) : "none";
}

TEST(Finger, Queries) {
  EXPECT_EQ(read(""), "|");
  EXPECT_EQ(read("alice"), "alice|");
  EXPECT_EQ(read("  /W alice smith"), "verbose alice smith|");
  EXPECT_EQ(read("/w"), "verbose |");
  EXPECT_EQ(read("alice@a.example@b.example"), "alice|b.example");
  EXPECT_EQ(read("@host"), "|host");
  EXPECT_EQ(read("m\xc3\xbcller"), "m\xc3\xbcller|");
}

TEST(Finger, EveryPrefixIsAQuery) {
  constexpr std::string_view kLine = "/W alice@a.example";
  for (size_t n = 0; n <= kLine.size(); n++) EXPECT_NE(read(kLine.substr(0, n)), "none") << n;
}

TEST(Finger, ControlCharactersAreNone) {
  EXPECT_EQ(read(std::string_view("a\0b", 3)), "none");
  EXPECT_EQ(read("\x1b[1m"), "none");
}

}  // namespace
}  // namespace sensor::finger
