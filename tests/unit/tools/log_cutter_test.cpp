#include "tools/logs/log_cutter.h"

#include <gtest/gtest.h>

#include "tools/logs/json_lines.h"

namespace sensor::tools {
namespace {

constexpr std::string_view kLog =
    "#separator \\x09\n#set_separator\t,\n#empty_field\t(empty)\n#unset_field\t-\n#path\tdns\n#open\tx\n"
    "#fields\tts\tuid\tquery\n#types\ttime\tstring\tstring\n"
    "1.500000\tC1\ta.example\n2.000000\tC2\t-\n#close\tx\n";

std::string cut(CutOptions options, std::string_view text) {
  LogCutter cutter(std::move(options));
  std::string out;
  for (std::string_view line : split(text, '\n')) cutter.line(line, out);
  return out;
}

CutOptions fields(std::vector<std::string> names) {
  CutOptions o;
  o.fields = std::move(names);
  return o;
}

TEST(LogCutter, PicksColumnsInTheOrderAsked) {
  EXPECT_EQ(cut(fields({"query", "ts"}), kLog), "a.example\t1.500000\n-\t2.000000\n");
  EXPECT_EQ(cut({}, kLog), "1.500000\tC1\ta.example\n2.000000\tC2\t-\n");
}

TEST(LogCutter, AMissingColumnIsUnset) {
  EXPECT_EQ(cut(fields({"nope", "uid"}), kLog), "-\tC1\n-\tC2\n");
}

TEST(LogCutter, Inverted) {
  CutOptions o = fields({"uid", "nope"});
  o.invert = true;
  EXPECT_EQ(cut(o, kLog), "1.500000\ta.example\n2.000000\t-\n");
}

TEST(LogCutter, HeadersAreCutToo) {
  CutOptions o = fields({"query"});
  o.headers = CutOptions::Headers::First;
  const std::string header =
      "#separator \\x09\n#set_separator\t,\n#empty_field\t(empty)\n#unset_field\t-\n#path\tdns\n#open\tx\n#fields\tquery\n#types\tstring\n";
  EXPECT_EQ(cut(o, std::string(kLog) + std::string(kLog)), header + "a.example\n-\na.example\n-\n");
  o.headers = CutOptions::Headers::All;
  EXPECT_EQ(cut(o, std::string(kLog) + std::string(kLog)), header + "a.example\n-\n#close\tx\n" + header + "a.example\n-\n#close\tx\n");
}

TEST(LogCutter, ColumnsAreFoundAnewInTheNextLog) {
  const std::string other = "#separator \\x09\n#fields\tquery\tts\n#types\tstring\ttime\nb.example\t3.000000\n";
  EXPECT_EQ(cut(fields({"ts"}), std::string(kLog) + other), "1.500000\n2.000000\n3.000000\n");
}

TEST(LogCutter, TimesByTheirType) {
  CutOptions o = fields({"ts", "uid"});
  o.time_format = "%Y-%m-%d %H:%M:%S";
  o.utc = true;
  EXPECT_EQ(cut(o, kLog), "1970-01-01 00:00:01\tC1\n1970-01-01 00:00:02\tC2\n");
  EXPECT_EQ(format_time("-", "%Y", true), "-");
  EXPECT_EQ(format_time("99999999999999999999", "%Y", true), "99999999999999999999");
}

TEST(LogCutter, JsonLines) {
  CutOptions o = fields({"uid", "answers", "rejected", "ts", "nope"});
  o.output_separator = ";";
  EXPECT_EQ(cut(o, "{\"ts\":1.25,\"uid\":\"C;1\",\"answers\":[\"a\",\"b\"],\"rejected\":false}"), "C\\x3b1;a,b;F;1.25;-\n");
  EXPECT_EQ(cut(fields({"id.orig_h"}), "{\"id\":{\"orig_h\":\"10.0.0.1\"}}"), "10.0.0.1\n");
  EXPECT_EQ(cut(fields({"x"}), "{\"x\":[]}"), "(empty)\n");
}

TEST(LogCutter, LinesThatAreNoJsonAreSaidSo) {
  LogCutter cutter({});
  std::string out;
  EXPECT_FALSE(cutter.line("{\"ts\":", out));
  EXPECT_FALSE(cutter.line("{\"a\":{\"b\":{\"c\":{\"d\":{\"e\":{\"f\":1}}}}}}", out));
  EXPECT_FALSE(cutter.line("{\"a\":[[1]]}", out));
  EXPECT_EQ(out, "");
}

TEST(LogCutter, LinesWithTooFewCells) {
  EXPECT_EQ(cut(fields({"query"}), "#separator \\x09\n#fields\tts\tquery\n1.0\n"), "-\n");
  EXPECT_EQ(cut(fields({"ts"}), "no header at all"), "-\n");
}

TEST(TsvLines, Unescape) {
  EXPECT_EQ(unescape("a\\x09b\\\\c"), "a\tb\\c");
  EXPECT_EQ(unescape("\\"), "\\");
  EXPECT_EQ(unescape("\\x4"), "\\x4");
  EXPECT_EQ(unescape("\\xzz\\n"), "\\xzz\\n");
  EXPECT_EQ(unescape("\\\\x41"), "\\x41");
}

}  // namespace
}  // namespace sensor::tools
