#include "tools/logs/log_diff.h"

#include <gtest/gtest.h>

namespace sensor::tools {
namespace {

/// A log of ts, uid, name and a set, in TSV.
std::string tsv(const std::vector<std::string>& rows) {
  std::string s =
      "#separator \\x09\n#set_separator\t,\n#empty_field\t(empty)\n#unset_field\t-\n#fields\tts\tuid\tname\tfuids\n"
      "#types\ttime\tstring\tstring\tset[string]\n";
  for (const auto& r : rows) s += r + "\n";
  return s;
}

using Logs = std::map<std::string, LogTable>;

Logs logs(const std::vector<std::pair<std::string, std::string>>& texts) {
  Logs out;
  for (const auto& [name, text] : texts) {
    auto t = parse_log(text, name);
    EXPECT_TRUE(t.ok()) << (t.ok() ? "" : t.error().message);
    if (t.ok()) out.emplace(name, std::move(t).value());
  }
  return out;
}

DiffResult diff(const std::string& a, const std::string& b, const DiffOptions& options = {}) {
  return diff_logs(logs({{"x", a}}), logs({{"x", b}}), options);
}

TEST(LogDiff, OrderAndUidsDoNotMatter) {
  EXPECT_TRUE(diff(tsv({"1.0\tC1\ta\t-", "2.0\tC2\tb\t-"}), tsv({"2.0\tX\tb\t-", "1.0\tY\ta\t-"})).equal);
}

TEST(LogDiff, ButAUidMustMeanTheSame) {
  const auto r = diff(tsv({"1.0\tC1\ta\t-", "2.0\tC1\tb\t-"}), tsv({"1.0\tX\ta\t-", "2.0\tY\tb\t-"}));
  EXPECT_FALSE(r.equal);
  EXPECT_NE(r.report.find("uid: C1 | Y (stands for another one elsewhere)"), std::string::npos) << r.report;
}

TEST(LogDiff, UidsHoldAcrossLogs) {
  const auto a = logs({{"conn", tsv({"1.0\tC1\ta\t-", "2.0\tC2\tb\t-"})}, {"dns", tsv({"1.0\tC1\tq\t-"})}});
  const auto same = logs({{"conn", tsv({"1.0\tX1\ta\t-", "2.0\tX2\tb\t-"})}, {"dns", tsv({"1.0\tX1\tq\t-"})}});
  const auto swapped = logs({{"conn", tsv({"1.0\tX1\ta\t-", "2.0\tX2\tb\t-"})}, {"dns", tsv({"1.0\tX2\tq\t-"})}});
  EXPECT_TRUE(diff_logs(a, same, {}).equal);
  EXPECT_FALSE(diff_logs(a, swapped, {}).equal);
}

TEST(LogDiff, EqualRowsArePairedByWhatTheirUidsAreElsewhere) {
  // In "dns" all rows look alike; "conn" tells which is which.
  const auto a = logs({{"conn", tsv({"1.0\tC1\ta\t-", "2.0\tC2\tb\t-"})}, {"dns", tsv({"1.0\tC1\tq\t-", "1.0\tC2\tq\t-"})}});
  const auto b = logs({{"conn", tsv({"1.0\tX1\ta\t-", "2.0\tX2\tb\t-"})}, {"dns", tsv({"1.0\tX2\tq\t-", "1.0\tX1\tq\t-"})}});
  EXPECT_TRUE(diff_logs(a, b, {}).equal);
}

TEST(LogDiff, ADifferenceIsShownCellByCell) {
  const auto r = diff(tsv({"1.0\tC1\ta\t-"}), tsv({"1.0\tX\tb\t-"}), {});
  EXPECT_FALSE(r.equal);
  DiffOptions o;
  o.ignored_columns = {"name"};
  EXPECT_TRUE(diff(tsv({"1.0\tC1\ta\t-"}), tsv({"1.0\tX\tb\t-"}), o).equal);
}

TEST(LogDiff, RowsThatHaveNoPartner) {
  const auto r = diff(tsv({"1.0\tC1\ta\t-"}), tsv({"1.0\tC1\ta\t-", "2.0\tC2\tb\t-"}));
  EXPECT_FALSE(r.equal);
  EXPECT_NE(r.report.find("only in B: ts=2 name=b"), std::string::npos) << r.report;
  EXPECT_FALSE(diff(tsv({"1.0\tC1\ta\t-", "1.0\tC2\ta\t-"}), tsv({"1.0\tC1\ta\t-"})).equal) << "how often a row is there counts";
}

TEST(LogDiff, LogsAndColumnsOfOneSide) {
  const auto a = logs({{"conn", tsv({})}, {"dns", tsv({})}});
  const auto b = logs({{"conn", tsv({})}});
  EXPECT_FALSE(diff_logs(a, b, {}).equal);
  DiffOptions o;
  o.ignored_logs = {"dns"};
  EXPECT_TRUE(diff_logs(a, b, o).equal);
  const std::string narrow = "#separator \\x09\n#fields\tts\tuid\n#types\ttime\tstring\n1.0\tC1\n";
  EXPECT_FALSE(diff(tsv({"1.0\tC1\ta\t-"}), narrow).equal);
  DiffOptions common;
  common.common_columns = true;
  EXPECT_TRUE(diff(tsv({"1.0\tC1\ta\t-"}), narrow, common).equal);
}

TEST(LogDiff, TsvAndJsonAgree) {
  const std::string t =
      "#separator \\x09\n#fields\tts\tuid\tname\tn\tflag\tnames\tnone\tempty\n"
      "#types\ttime\tstring\tstring\tcount\tbool\tset[string]\tstring\tvector[string]\n"
      "1.250000\tC1\ta\\x09b\\\\c\\xff\t7\tT\tx\\x2cy,z\t-\t(empty)\n";
  const std::string j =
      "{\"ts\":1.25,\"uid\":\"J\",\"name\":\"a\\tb\\\\c\\\\xff\",\"n\":7,\"flag\":true,\"names\":[\"z\",\"x,y\"],\"empty\":[]}\n";
  const auto r = diff(t, j);
  EXPECT_TRUE(r.equal) << r.report;
  EXPECT_TRUE(diff(j, t).equal);
  EXPECT_FALSE(diff(t, "{\"ts\":1.25,\"uid\":\"J\",\"name\":\"other\"}\n").equal);
}

TEST(LogDiff, UnsetIsNotEmpty) {
  EXPECT_FALSE(diff(tsv({"1.0\tC1\t-\t-"}), tsv({"1.0\tC1\t(empty)\t-"})).equal);
  EXPECT_FALSE(diff(tsv({"1.0\tC1\ta\t-"}), tsv({"1.0\tC1\ta\t(empty)"})).equal);
}

TEST(LogTable, DamagedLogsAreRefused) {
  EXPECT_FALSE(parse_log("#separator \\x09\n#fields\ta\tb\n#types\tstring\tstring\nx\n", "x").ok());
  EXPECT_FALSE(parse_log("data without header\n", "x").ok());
  EXPECT_FALSE(parse_log("{\"a\":1}\nnot json\n", "x").ok());
  EXPECT_FALSE(read_logs("/nonexistent/directory").ok());
  EXPECT_TRUE(parse_log("", "x").ok());
}

}  // namespace
}  // namespace sensor::tools
