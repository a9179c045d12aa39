#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include <fstream>
#include <map>
#include <sstream>

#include "sensor/output/log_writer.h"
#include "sensor/record/weird.h"
#include "src/output/archive.h"
#include "temp_dir.h"

namespace sensor {
namespace {

namespace fs = std::filesystem;
using test::TempDir;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr TimeNs kNoon = 1'709'294'400 * kSecond;  // 2024-03-01 12:00:00 UTC
constexpr DurationNs kHour = 60 * kMinute;

TEST(Rotation, FallsOnMultiplesSinceMidnight) {
  EXPECT_EQ(next_rotation(kNoon, kHour, Clockface::Utc), kNoon + kHour);
  EXPECT_EQ(next_rotation(kNoon + 1, kHour, Clockface::Utc), kNoon + kHour);
  EXPECT_EQ(next_rotation(kNoon - 1, kHour, Clockface::Utc), kNoon);
  EXPECT_EQ(next_rotation(kNoon, 24 * kHour, Clockface::Utc), kNoon + 12 * kHour);
}

std::string unzipped(const fs::path& p) {
  const gzFile f = ::gzopen(p.c_str(), "rb");
  std::string text(1 << 16, '\0');
  const int n = ::gzread(f, text.data(), static_cast<unsigned>(text.size()));
  ::gzclose(f);
  text.resize(n < 0 ? 0 : static_cast<size_t>(n));
  return text;
}

/// Paths below a directory, and what is in them.
std::map<std::string, std::string> files_in(const fs::path& directory) {
  std::map<std::string, std::string> all;
  for (const auto& f : fs::recursive_directory_iterator(directory))
    if (f.is_regular_file()) all[fs::relative(f.path(), directory).string()] = unzipped(f.path());
  return all;
}

/// A weird every ten minutes from noon on, replayed.
std::map<std::string, std::string> replay(const RotationOptions& rotation, int rows) {
  const TempDir dir;
  LogWriterOptions options;
  options.directory = dir.path();
  options.rotation = rotation;
  auto logs = LogWriter::create(std::move(options));
  logs.value()->start();
  RecordWriter& w = logs.value()->worker(0);
  for (int i = 0; i < rows; i++) {
    WeirdRecord r;
    r.ts = {kNoon + i * 10 * kMinute};
    const std::string name = "row_" + std::to_string(i);
    r.name = name;
    w.write(r.ts.ns, Uid{}, r);
    w.advance(r.ts.ns);
  }
  logs.value()->finish(kNoon + rows * 10 * kMinute);
  EXPECT_EQ(logs.value()->get(LogCounter::Written), static_cast<uint64_t>(rows));
  logs.value().reset();  // the archive has compressed everything
  return files_in(dir.path());
}

TEST(Rotation, AReplayRotatesByPacketTime) {
  const auto files = replay({.interval_ns = kHour}, 14);
  std::vector<std::string> names;
  for (const auto& [name, text] : files) names.push_back(name);
  EXPECT_THAT(names, ElementsAre("2024-03-01/weird.12:00:00-13:00:00.log.gz", "2024-03-01/weird.13:00:00-14:00:00.log.gz", "weird.log"));
  const std::string& first = files.at("2024-03-01/weird.12:00:00-13:00:00.log.gz");
  EXPECT_THAT(first, HasSubstr("#open\t2024-03-01-12-00-00"));
  EXPECT_THAT(first, HasSubstr("row_5\t"));
  EXPECT_THAT(first, testing::Not(HasSubstr("row_6\t")));
  EXPECT_TRUE(first.ends_with("#close\t2024-03-01-13-00-00\n"));
  EXPECT_THAT(files.at("weird.log"), HasSubstr("row_13\t"));
  EXPECT_EQ(files, replay({.interval_ns = kHour}, 14)) << "the same bytes every time";
}

TEST(Rotation, BySizeAndNotCompressed) {
  const auto files = replay({.bytes = 100, .compress = false}, 6);
  std::string rows;
  for (const auto& [name, text] : files) {
    EXPECT_TRUE(name == "weird.log" || (name.starts_with("2024-03-01/weird.12:") && name.ends_with("0.log"))) << name;
    EXPECT_TRUE(text.ends_with("#close\t" + text.substr(text.rfind('\t') + 1)));
    rows += text;
  }
  EXPECT_GT(files.size(), 1u);
  for (int i = 0; i < 6; i++) EXPECT_THAT(rows, HasSubstr("row_" + std::to_string(i)));
}

TEST(Archive, NamesAreNotUsedTwice) {
  const TempDir dir;
  LogArchive archive({.archive = dir.path()}, true, {});
  const fs::path one = archive.place_for("conn", ".log", kNoon, kNoon + kHour, Clockface::Utc);
  std::ofstream(one) << "rows";
  const fs::path two = archive.place_for("conn", ".log", kNoon, kNoon + kHour, Clockface::Utc);
  EXPECT_EQ(two.filename(), "conn.12:00:00-13:00:00.2.log");
}

TEST(Archive, TheOldestMakeRoom) {
  const TempDir dir;
  const fs::path day = fs::path(dir.path()) / "2024-03-01";
  fs::create_directories(day);
  for (int i = 0; i < 5; i++) {
    const fs::path p = day / ("conn." + std::to_string(i) + ".log.gz");
    std::ofstream(p) << std::string(1000, 'x');
    fs::last_write_time(p, fs::file_time_type::clock::now() - std::chrono::hours(i));
  }
  { LogArchive archive({.archive = dir.path(), .keep_bytes = 2500}, true, {}); }
  std::vector<std::string> left;
  for (const auto& [name, text] : files_in(dir.path())) left.push_back(name);
  EXPECT_THAT(left, ElementsAre("2024-03-01/conn.0.log.gz", "2024-03-01/conn.1.log.gz"));
}

}  // namespace
}  // namespace sensor
