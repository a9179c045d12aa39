#include "sensor/output/log_writer.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <fstream>
#include <map>
#include <random>
#include <sstream>
#include <thread>

#include "sensor/base/hash.h"
#include "sensor/record/conn.h"
#include "sensor/record/weird.h"

namespace sensor {
namespace {

namespace fs = std::filesystem;

class LogWriterTest : public ::testing::Test {
 protected:
  LogWriterTest() {
    std::string name = (fs::temp_directory_path() / "sensor-log-XXXXXX").string();
    dir_ = mkdtemp(name.data());
  }
  ~LogWriterTest() override { fs::remove_all(dir_); }

  std::unique_ptr<LogWriter> make(LogWriterOptions o) {
    if (o.directory.empty()) o.directory = dir_;
    auto r = LogWriter::create(std::move(o));
    EXPECT_TRUE(r.ok());
    r.value()->start();
    return std::move(r).value();
  }
  static std::string read(const fs::path& p) {
    std::ifstream f(p, std::ios::binary);
    std::stringstream s;
    s << f.rdbuf();
    return s.str();
  }
  static size_t data_lines(const std::string& text) {
    std::istringstream s(text);
    std::string line;
    size_t n = 0;
    while (std::getline(s, line)) n += line.empty() || line.front() == '#' ? 0 : 1;
    return n;
  }
  static void expect_conserved(const LogWriter& w) {
    EXPECT_EQ(w.get(LogCounter::Received) + w.get(LogCounter::Made),
              w.get(LogCounter::Written) + w.get(LogCounter::Reduced) + w.get(LogCounter::LostOnWrite) + w.get(LogCounter::Malformed));
  }

  fs::path dir_;
};

ConnRecord conn(TimeNs ts, uint64_t id) {
  ConnRecord r;
  r.ts = {ts};
  r.uid = {mix64(id, 1), 0, 'C'};
  r.orig_h = IpAddress::v4(0x0a000000 + static_cast<uint32_t>(id));
  r.resp_h = IpAddress::v4(0x0a800000);
  r.orig_p = {1};
  r.resp_p = {2};
  r.proto = {"tcp"};
  r.ip_proto = 6;
  r.history = "ShADadFf";
  return r;
}

WeirdRecord net_weird(TimeNs ts, std::string_view name, uint64_t n) {
  WeirdRecord r;
  r.ts = {ts};
  r.name = name;
  r.addl = std::to_string(n);
  return r;
}

/// What one worker of `workers` would do with a capture of `count` connections, each with a weird that has no connection.
void replay(RecordWriter& w, size_t worker, size_t workers, uint64_t count) {
  std::mt19937 jitter(static_cast<unsigned>(worker));
  for (uint64_t i = 0; i < count; i++) {
    const TimeNs now = static_cast<TimeNs>(i / 4) * kMillisecond;  // four connections end at the same time
    if (i % workers == worker) {
      const ConnRecord r = conn(now, i);
      w.write(now, r.uid, r);
      w.write(now, r.uid, conn(now + 1, i));
      if (i % 100 == 0) w.write(now, Uid{}, net_weird(now, i % 200 == 0 ? "truncated_IP" : "bad_TCP_header_len", i));
    }
    if (i % 64 == 0) w.advance(now);
    if (jitter() % 5000 == 0) std::this_thread::yield();
  }
}

std::map<std::string, uint64_t> rows_of(const LogWriter& w) {
  std::map<std::string, uint64_t> rows;
  for (const auto& log : w.written_logs()) rows[log.path.filename().string()] = log.rows;
  return rows;
}

TEST_F(LogWriterTest, LogsAreTheSameForAnyNumberOfWorkers) {
  constexpr uint64_t kCount = 40'000;
  std::string first_conn, first_weird, first_json;
  for (const size_t workers : {1u, 2u, 4u, 8u}) {
    LogWriterOptions o;
    o.directory = dir_ / std::to_string(workers);
    o.formats = LogFormats::Both;
    o.workers = workers;
    o.ring_batches = 4;
    auto w = make(std::move(o));
    std::vector<std::thread> threads;
    for (size_t i = 0; i < workers; i++) threads.emplace_back([&w, i, workers] { replay(w->worker(i), i, workers, kCount); });
    for (auto& t : threads) t.join();
    w->finish(99 * kSecond);
    EXPECT_EQ(w->get(LogCounter::Late), 0u);
    EXPECT_EQ(w->get(LogCounter::Forced), 0u);
    EXPECT_EQ(w->get(LogCounter::Dropped), 0u);
    EXPECT_EQ(w->get(LogCounter::Received), 2 * kCount + kCount / 100);
    expect_conserved(*w);
    EXPECT_EQ(rows_of(*w).at("conn.log"), 2 * kCount);
    const fs::path dir = dir_ / std::to_string(workers);
    if (workers == 1) {
      first_conn = read(dir / "conn.log");
      first_json = read(dir / "conn.json");
      first_weird = read(dir / "weird.log");
      EXPECT_EQ(data_lines(first_conn), 2 * kCount);
      EXPECT_NE(first_conn.find("\n#close\t1970-01-01-00-01-39\n"), std::string::npos);
      EXPECT_GT(data_lines(first_weird), 0u);
    }
    EXPECT_TRUE(first_conn == read(dir / "conn.log")) << workers;
    EXPECT_TRUE(first_json == read(dir / "conn.json")) << workers;
    EXPECT_TRUE(first_weird == read(dir / "weird.log")) << workers;
  }
}

TEST_F(LogWriterTest, NoRecordsNoFiles) {
  auto w = make({});
  w->finish(0);
  EXPECT_TRUE(fs::is_empty(dir_));
  EXPECT_FALSE(w->had_trouble());
}

TEST_F(LogWriterTest, TheDirectoryIsMade) {
  LogWriterOptions o;
  o.directory = dir_ / "a" / "b";
  auto w = make(std::move(o));
  w->worker(0).write(5 * kSecond, Uid{}, conn(5 * kSecond, 1));
  w->finish(9 * kSecond);
  const std::string text = read(dir_ / "a" / "b" / "conn.log");
  EXPECT_NE(text.find("\n#open\t1970-01-01-00-00-05\n"), std::string::npos);
  EXPECT_NE(text.find("\n#close\t1970-01-01-00-00-09\n"), std::string::npos);
}

TEST_F(LogWriterTest, ADirectoryThatCannotBeMadeIsAUsageError) {
  std::ofstream(dir_ / "file") << "x";
  LogWriterOptions o;
  o.directory = dir_ / "file" / "sub";
  auto r = LogWriter::create(std::move(o));
  ASSERT_FALSE(r.ok());
  EXPECT_EQ(r.error().kind, Error::Usage);
  EXPECT_NE(r.error().message.find("--log-dir"), std::string::npos);
}

TEST_F(LogWriterTest, SideWritersNeedNoWatermark) {
  LogWriterOptions o;
  o.replay = false;
  auto w = make(std::move(o));
  w->side_writer(0).write(0, Uid{}, conn(0, 1));
  w->side_writer(0).flush();
  for (int i = 0; i < 500 && w->get(LogCounter::Written) == 0; i++) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  EXPECT_EQ(w->get(LogCounter::Written), 1u) << "a live log reaches the disk while the sensor runs";
  w->finish(0);
}

TEST_F(LogWriterTest, AWriterThatHoldsOthersUpIsAskedForItsRecords) {
  LogWriterOptions o;
  o.workers = 2;
  o.replay = false;
  auto w = make(std::move(o));
  w->worker(0).write(1, Uid{}, conn(1, 1));
  w->worker(0).flush();
  w->worker(0).advance(100);
  w->worker(1).write(0, Uid{}, conn(0, 2));
  for (int i = 0; i < 500 && w->get(LogCounter::Written) < 2; i++) {
    w->worker(1).advance(100);
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  EXPECT_EQ(w->get(LogCounter::Written), 2u);
  w->finish(0);
  EXPECT_EQ(w->get(LogCounter::Late), 0u);
}

TEST_F(LogWriterTest, AFullRingDropsLiveAndCounts) {
  LogWriterOptions o;
  o.replay = false;
  o.ring_batches = 1;
  o.directory = dir_;
  auto r = LogWriter::create(std::move(o));
  ASSERT_TRUE(r.ok());
  LogWriter& w = *r.value();
  for (uint64_t i = 0; i < 5000; i++) w.worker(0).write(0, Uid{}, conn(0, i));  // nobody empties the ring yet
  EXPECT_GT(w.get(LogCounter::Dropped), 0u);
  w.start();
  w.finish(0);
  EXPECT_EQ(w.get(LogCounter::Received) + w.get(LogCounter::Dropped), 5000u);
  expect_conserved(w);
}

TEST_F(LogWriterTest, TooManyHeldBatchesAreWrittenAnyway) {
  LogWriterOptions o;
  o.workers = 2;
  o.max_held_batches = 4;
  auto w = make(std::move(o));
  for (uint64_t i = 0; i < 20'000; i++) w->worker(0).write(static_cast<TimeNs>(i), Uid{}, conn(0, i));  // worker 1 says nothing
  w->finish(0);
  EXPECT_GT(w->get(LogCounter::Forced), 0u);
  EXPECT_EQ(w->get(LogCounter::Written), 20'000u);
}

TEST_F(LogWriterTest, AFullDiskIsReportedOnceAndStopsNothing) {
  if (::access("/dev/full", W_OK) != 0) GTEST_SKIP();
  fs::create_symlink("/dev/full", dir_ / "conn.log");
  LogWriterOptions o;
  std::vector<std::string> reports;
  o.report = [&reports](const std::string& s) { reports.push_back(s); };
  auto w = make(std::move(o));
  for (uint64_t i = 0; i < 20'000; i++) w->worker(0).write(0, Uid{}, conn(0, i));
  w->worker(0).write(0, Uid{}, net_weird(0, "truncated_IP", 0));
  w->finish(0);
  EXPECT_EQ(reports.size(), 1u);
  EXPECT_TRUE(w->had_trouble());
  EXPECT_EQ(w->get(LogCounter::LostOnWrite), 20'000u);
  EXPECT_EQ(w->get(LogCounter::Written), 1u);
  expect_conserved(*w);
}

TEST_F(LogWriterTest, ADirectoryThatVanishesComesBack) {
  LogWriterOptions o;
  o.directory = dir_ / "gone";
  auto w = make(std::move(o));
  fs::remove_all(dir_ / "gone");
  w->worker(0).write(0, Uid{}, conn(0, 1));
  w->finish(0);
  EXPECT_EQ(data_lines(read(dir_ / "gone" / "conn.log")), 1u);
}

}  // namespace
}  // namespace sensor
