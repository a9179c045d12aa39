#include "sensor/output/format.h"

#include <gtest/gtest.h>

#include <array>

#include "sensor/record/weird.h"
#include "src/output/escape.h"
#include "src/output/numbers.h"

namespace sensor {
namespace {

using namespace std::string_literals;

std::string tsv(std::string_view s, bool in_container = false) {
  std::string out(s.size() * kEscapeChars, ' ');
  out.resize(static_cast<size_t>(write_tsv_text(s, in_container, out.data()) - out.data()));
  return out;
}
std::string json(std::string_view s) {
  TextBuffer b;
  escape_json(s, b);
  return std::string(b.view());
}
template <class F, class V>
std::string number(F f, V v) {
  std::array<char, kNumberChars> out;
  return {out.data(), f(v, out.data())};
}

TEST(Numbers, FarTimes) {
  EXPECT_EQ(number(write_tsv_far_time, int64_t{253402300799'000000}), "253402300799.000000");
  EXPECT_EQ(number(write_tsv_far_time, int64_t{-11644473600'000000}), "-11644473600.000000");
  EXPECT_EQ(number(write_json_far_time, int64_t{253402300799'500000}), "253402300799.5");
}

TEST(EscapeTsv, PrintableTextStays) {
  EXPECT_EQ(tsv("GET /index.html?a=b,c"), "GET /index.html?a=b,c");
  EXPECT_EQ(tsv("SF"), "SF");
  EXPECT_EQ(tsv("ShADadFf"), "ShADadFf");
  EXPECT_EQ(tsv("\xc3\xb1 \xe2\x82\xa1 \xf0\x90\x8c\xbc"), "\xc3\xb1 \xe2\x82\xa1 \xf0\x90\x8c\xbc");
}

TEST(EscapeTsv, SeparatorsAndBackslashes) {
  EXPECT_EQ(tsv("a\tb"), "a\\x09b");
  EXPECT_EQ(tsv("O=Example\\, Inc."), "O=Example\\\\, Inc.");
  EXPECT_EQ(tsv("a,b"), "a,b");
  EXPECT_EQ(tsv("a,b", true), "a\\x2cb");
}

TEST(EscapeTsv, OneBadCharacterEscapesItsRunOnly) {
  EXPECT_EQ(tsv("\n"), "\\x0a");
  EXPECT_EQ(tsv("\xc3\xb1\n"), "\\xc3\\xb1\\x0a");
  EXPECT_EQ(tsv("\xc3\xb1\\\n"), "\xc3\xb1\\\\\\x0a");
  EXPECT_EQ(tsv("ok\xff\xc3\xb1"), "ok\\xff\\xc3\\xb1");
  EXPECT_EQ(tsv("\x7f"), "\\x7f");
  EXPECT_EQ(tsv("a\0b"s), "a\\x00b");
}

TEST(EscapeTsv, FindsACharacterAtAnyPlace) {
  for (size_t size = 1; size < 30; size++) {
    for (size_t at = 0; at < size; at++) {
      std::string text(size, '~'), expected(size, '~');
      for (const auto& [special, escaped] :
           {std::pair('\t', "\\x09"), {'\x1f', "\\x1f"}, {'\x7f', "\\x7f"}, {'\xff', "\\xff"}, {'\\', "\\\\"}}) {
        text[at] = special;
        EXPECT_EQ(tsv(text), std::string(expected).replace(at, 1, escaped));
      }
      text[at] = ',';
      EXPECT_EQ(tsv(text, true), std::string(expected).replace(at, 1, "\\x2c"));
      EXPECT_EQ(tsv(text), text);
    }
  }
}

TEST(EscapeTsv, Utf8ThatIsNotPrintable) {
  for (std::string_view bad : {"\xc0\x81", "\xc3", "\xa0\xa1", "\xe0\x80\xa1", "\xe2\x28\xa1", "\xed\xa0\xa1", "\xf0\x80\x8c\xbc",
                               "\xf4\x90\x8c\xbc", "\xf4\x80\x8c", "\xee\x8b\xa0", "\xc2\x85", "\xef\xbf\xbd", "\xf8\x88\x80\x80\x80"}) {
    EXPECT_EQ(printable_utf8_length(bad), 0u) << tsv(bad);
  }
  EXPECT_EQ(printable_utf8_length("\xef\xbf\xaf"), 3u);  // U+FFEF, the last before the specials
  EXPECT_EQ(printable_utf8_length("\xef\xa4\x80"), 3u);  // U+F900, the first after the private use area
}

TEST(EscapeJson, StringsAreValidJson) {
  EXPECT_EQ(json("plain"), "\"plain\"");
  EXPECT_EQ(json("a\"b\\c\n\t"), "\"a\\\"b\\\\c\\n\\t\"");
  EXPECT_EQ(json("\xc3\xb1"), "\"\xc3\xb1\"");
  EXPECT_EQ(json("string\x82"), "\"string\\\\x82\"");
  EXPECT_EQ(json("\x07\xd4\xb7o"), "\"\\\\x07\\\\xd4\\\\xb7o\"");
}

TEST(Numbers, TimesHaveSixDigits) {
  EXPECT_EQ(number(write_tsv_time, TimeNs{0}), "0.000000");
  EXPECT_EQ(number(write_tsv_time, 1'618'939'325'159'246'999), "1618939325.159246");
  EXPECT_EQ(number(write_tsv_time, TimeNs{-1}), "-0.000001");
  EXPECT_EQ(number(write_tsv_interval, DurationNs{999}), "0.000001");
  EXPECT_EQ(number(write_tsv_interval, DurationNs{499}), "0.000000");
  EXPECT_EQ(number(write_tsv_interval, DurationNs{-1'500'000'000}), "-1.500000");
  EXPECT_EQ(number(write_tsv_interval, INT64_MIN), "-9223372036.854776");
}

TEST(Numbers, JsonDropsZeros) {
  EXPECT_EQ(number(write_json_time, TimeNs{1'493'164'800 * kSecond}), "1493164800.0");
  EXPECT_EQ(number(write_json_time, TimeNs{1'493'164'800 * kSecond + 10 * kMicrosecond}), "1493164800.00001");
  EXPECT_EQ(number(write_json_double, 0.25), "0.25");
  EXPECT_EQ(number(write_json_double, 3.0), "3.0");
  EXPECT_EQ(number(write_json_double, 0.0), "0.0");
  EXPECT_EQ(number(write_json_double, 1.0 / 0.0), "null");
}

TEST(Numbers, TsvDoubles) {
  EXPECT_EQ(number(write_tsv_double, 0.25), "0.25");
  EXPECT_EQ(number(write_tsv_double, 3.0), "3.0");
  EXPECT_EQ(number(write_tsv_double, -1.0 / 3), "-0.333333");
}

TEST(Tsv, HeaderOfWeird) {
  TextBuffer b;
  format_tsv_header(log_info<WeirdRecord>(), tsv_timestamp(1'711'929'599 * kSecond, Clockface::Utc), b);
  EXPECT_EQ(b.view(),
            "#separator \\x09\n#set_separator\t,\n#empty_field\t(empty)\n#unset_field\t-\n#path\tweird\n#open\t2024-03-31-23-59-59\n"
            "#fields\tts\tuid\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tname\taddl\tnotice\tpeer\tsource\tcommunity_id\n"
            "#types\ttime\tstring\taddr\tport\taddr\tport\tstring\tstring\tbool\tstring\tstring\tstring\n");
}

TEST(Rows, HiddenColumnsAreNotWritten) {
  const LogInfo& log = log_info<WeirdRecord>();
  WeirdRecord r;
  r.ts = {kSecond};
  r.name = "ip_hdr_len_zero";
  r.source = "IP";
  std::vector<uint8_t> bytes(1000);
  RecordEncoder out(bytes);
  encode_fields(out, r);
  std::vector<Cell> cells(log.columns.size());
  ASSERT_TRUE(decode_fields(log, Bytes(bytes).first(out.size()), cells));
  TextBuffer t, j;
  format_tsv_row(log, cells, t);
  format_json_row(log, cells, j);
  EXPECT_EQ(t.view(), "1.000000\t-\t-\t-\t-\t-\tip_hdr_len_zero\t-\tF\tzeek\tIP\t-\n");
  EXPECT_EQ(j.view(), "{\"ts\":1.0,\"name\":\"ip_hdr_len_zero\",\"notice\":false,\"peer\":\"zeek\",\"source\":\"IP\"}\n");
}

}  // namespace
}  // namespace sensor
