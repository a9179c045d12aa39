#include "src/api/log_scan.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include <filesystem>

#include "temp_dir.h"

namespace sensor {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::string tsv(int first, int last, std::string_view open = "2026-01-01-00-00-00") {
  std::string text = fmt::format(
      "#separator \\x09\n#set_separator\t,\n#empty_field\t(empty)\n#unset_field\t-\n#path\tconn\n#open\t{}\n"
      "#fields\tts\tuid\tid.orig_h\tid.orig_p\ttags\tok\thost\n#types\ttime\tstring\taddr\tport\tset[string]\tbool\tstring\n",
      open);
  for (int i = first; i < last; i++) text += fmt::format("{}.5\tC{}\t10.0.0.{}\t{}\t(empty)\tT\thost\\x2c{}\n", i, i, i % 10, i, i);
  return text;
}

void write_gz(const std::string& path, const std::string& text) {
  gzFile out = ::gzopen(path.c_str(), "wb");
  ::gzwrite(out, text.data(), static_cast<unsigned>(text.size()));
  ::gzclose(out);
}

std::vector<std::string> uids(const ScanResult& r) {
  std::vector<std::string> all;
  for (const FoundRow& row : r.rows) {
    const size_t tab = row.line.find('\t');
    all.push_back(row.line.substr(tab + 1, row.line.find('\t', tab + 1) - tab - 1));
  }
  return all;
}

class LogScan : public testing::Test {
 protected:
  ScanResult scan(size_t limit, const LogFilter& filter = {}, const std::string& cursor = {}) {
    ScanOrder order;
    order.files = log_files(dir.path(), "", "conn");
    order.limit = limit;
    order.cursor = cursor;
    order.from = filter.from.value_or(0);
    order.deadline = std::chrono::steady_clock::now() + std::chrono::hours(1);
    LogMatcher matcher(filter);
    order.wanted = [&](const LogHead& head, std::string_view line) { return matcher.matches(head, line); };
    order.lines_wanted = [&](std::string_view lines) { return matcher.may_match(lines); };
    return scan_log(order);
  }
  const test::TempDir dir;
};

TEST_F(LogScan, NewestFirstThroughArchivesPageByPage) {
  std::filesystem::create_directory(dir.path("2026-01-01"));
  dir.write("conn.log", tsv(20, 23, "c") + "24.5\tCpartial");  // the last row is being written
  write_gz(dir.path("2026-01-01/conn.11:00:00-12:00:00.log.gz"), tsv(10, 13, "b"));
  dir.write("2026-01-01/conn.10:00:00-11:00:00.log", tsv(0, 3, "a") + "#close\tx\n");
  dir.write("http.log", tsv(90, 99));
  std::vector<std::string> all;
  ScanResult page = scan(2);
  EXPECT_THAT(uids(page), ElementsAre("C22", "C21"));
  for (std::string cursor = page.next_cursor; !cursor.empty(); cursor = page.next_cursor) {
    page = scan(2, {}, cursor);
    EXPECT_TRUE(page.complete);
    for (const std::string& uid : uids(page)) all.push_back(uid);
  }
  EXPECT_THAT(all, ElementsAre("C20", "C12", "C11", "C10", "C2", "C1", "C0"));
}

TEST_F(LogScan, ACursorSurvivesRotationAndCompression) {
  dir.write("conn.log", tsv(0, 10));
  const ScanResult page = scan(3);
  EXPECT_THAT(uids(page), ElementsAre("C9", "C8", "C7"));
  std::filesystem::create_directory(dir.path("2026-01-01"));
  write_gz(dir.path("2026-01-01/conn.00:00:00-01:00:00.log.gz"), tsv(0, 10));
  dir.write("conn.log", tsv(50, 60, "later"));
  EXPECT_THAT(uids(scan(3, {}, page.next_cursor)), ElementsAre("C6", "C5", "C4"));
  EXPECT_TRUE(scan(3, {}, "0123456789abcdef.77").bad_cursor);
  for (const char* cursor : {"x", "0123456789abcdef", "0123456789abcdef.", "0123456789abcdeg.1", "../../etc/passwd"})
    EXPECT_TRUE(scan(3, {}, cursor).bad_cursor) << cursor;
}

TEST_F(LogScan, Filters) {
  dir.write("conn.log", tsv(0, 1000));
  LogFilter f;
  f.value = "C77";
  EXPECT_THAT(uids(scan(9, f)), ElementsAre("C77"));
  f = {};
  f.port = 77;
  EXPECT_THAT(uids(scan(9, f)), ElementsAre("C77"));
  f = {};
  f.address = "10.0.0.3";
  EXPECT_THAT(uids(scan(2, f)), ElementsAre("C993", "C983"));
  f.from = 5;
  f.to = 20;
  EXPECT_THAT(uids(scan(9, f)), ElementsAre("C13"));
  f = {};
  f.text = "host,99";  // an escape in the file
  EXPECT_EQ(scan(99, f).rows.size(), 11U);
  f.text = "HOST,99";
  EXPECT_EQ(scan(99, f).rows.size(), 0U) << "the filter's text is in lower case";
}

TEST_F(LogScan, TimeIsLimited) {
  dir.write("conn.log", tsv(0, 10));
  ScanOrder order;
  order.files = log_files(dir.path(), "", "conn");
  order.wanted = [](const LogHead&, std::string_view) { return true; };
  order.deadline = std::chrono::steady_clock::now();
  const ScanResult r = scan_log(order);
  EXPECT_FALSE(r.complete);
  EXPECT_EQ(scan(100, {}, r.next_cursor).rows.size(), 10U);
}

TEST_F(LogScan, RowsLongerThanABlockAndFilesOfNothing) {
  dir.write("conn.log", std::string(3 << 20, 'x') + "\n" + tsv(0, 2));
  EXPECT_EQ(scan(10).rows.size(), 2U + 0U);
  dir.write("conn.log", "\n\n\n");
  EXPECT_EQ(scan(10).rows.size(), 0U);
  dir.write("conn.log", "no newline");
  EXPECT_EQ(scan(10).rows.size(), 0U);
}

TEST(LogRows, TsvAsJson) {
  const LogHead head = LogHead::read(tsv(0, 0));
  EXPECT_EQ(row_json(head, "1.5\tC1\t::1\t80\ta,b\\x2cc,-\tF\t<b>\"\\\\\\x09\xff"),
            R"({"ts":1.5,"uid":"C1","id.orig_h":"::1","id.orig_p":80,"tags":["a","b,c",null],"ok":false,"host":"<b>\"\\\\x09\\xff"})");
  EXPECT_EQ(row_json(head, "-\t-\t-\t-\t(empty)\t-\t(empty)"), R"({"tags":[],"host":""})");
  EXPECT_EQ(row_json(head, "1.5\tC1"), "");
  for (const char* none : {"-e", "007", "1.", ".5", "0x1", "1e", "+1", "1 ", "18446744073709551616", "-9223372036854775809", "1e999"})
    EXPECT_EQ(row_json(head, none + std::string("\t-\t-\t-\t-\t-\t-")), fmt::format(R"({{"ts":"{}"}})", none));
  for (const char* number : {"0", "-0.5", "1e-7", "17.25E+2"})
    EXPECT_EQ(row_json(head, number + std::string("\t-\t-\t-\t-\t-\t-")), fmt::format(R"({{"ts":{}}})", number));
}

TEST(LogRows, JsonLines) {
  const LogHead head = LogHead::read("{\"ts\":1.5}\n");
  EXPECT_TRUE(head.json);
  const std::string line = R"({"ts":1.5,"uid":"C1","id.orig_p":80,"tags":["a","B"]})";
  EXPECT_EQ(row_json(head, line), line);
  EXPECT_EQ(row_json(head, "{\"ts\":"), "");
  LogFilter f;
  f.port = 80;
  f.value = "C1";
  f.text = "b";
  f.from = 1;
  EXPECT_TRUE(LogMatcher(f).matches(head, line));
  f.text = "uid";
  EXPECT_FALSE(LogMatcher(f).matches(head, line)) << "a name is no value";
  f.text.clear();
  f.from = 2;
  EXPECT_FALSE(LogMatcher(f).matches(head, line));
}

TEST(LogFiles, NamesAndAges) {
  const test::TempDir dir;
  std::filesystem::create_directory(dir.path("2026-01-01"));
  std::filesystem::create_directory(dir.path("elsewhere"));
  for (const char* name :
       {"conn.log", "conn.json", "dns.json", "x.txt", "Conn.log", "2026-01-01/conn.10:00:00-11:00:00.log",
        "2026-01-01/conn.10:00:00-11:00:00.10.log.gz", "2026-01-01/conn.10:00:00-11:00:00.9.log.gz", "elsewhere/conn.log"})
    dir.write(name, "x");
  dir.write("empty.log", "");
  std::vector<std::string> names;
  for (const LogFilePlace& f : log_files(dir.path(), "", "")) names.push_back(std::filesystem::path(f.path).filename());
  EXPECT_THAT(names, ElementsAre("conn.log", "conn.10:00:00-11:00:00.10.log.gz", "conn.10:00:00-11:00:00.9.log.gz",
                                 "conn.10:00:00-11:00:00.log", "dns.json"));
  EXPECT_FALSE(is_log_name("../conn"));
  EXPECT_FALSE(is_log_name(""));
}

}  // namespace
}  // namespace sensor
