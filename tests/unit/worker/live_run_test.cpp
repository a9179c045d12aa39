#include "sensor/worker/live_run.h"

#include <gtest/gtest.h>

#include <deque>
#include <mutex>

#include "packet_bytes.h"
#include "sensor/output/log_writer.h"
#include "sensor/stats/stats_collector.h"
#include "sensor/worker/expectation_exchange.h"
#include "temp_dir.h"

namespace sensor {
namespace {

using namespace test;

constexpr TimeNs kStart = 1'700'000'000 * kSecond;

/// Packets that a test pushes; a clock that it sets.
class FakeQueue final : public LiveSource {
 public:
  void push(Octets frame, TimeNs ts) {
    std::lock_guard lock(mutex_);
    waiting_.push_back({std::move(frame), ts});
  }
  void set_clock(TimeNs t) { clock_.store(t); }
  bool drained() {
    std::lock_guard lock(mutex_);
    return waiting_.empty();
  }

  PacketBatch poll() override {
    std::lock_guard lock(mutex_);
    horizon_ = clock_.load();
    if (waiting_.empty() || (slow_packets > 0 && !closed)) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
      return {};
    }
    if (slow_packets > 0) std::this_thread::sleep_for(std::chrono::milliseconds(100));
    slow_packets--;
    out_ = std::move(waiting_.front());
    waiting_.pop_front();
    view_ = packet(out_.bytes, LinkType::Ethernet);
    view_.ts_ns = out_.ts;
    return {this, std::span(&view_, 1), 0};
  }
  State state() const override { return State::Running; }
  const Error& error() const override { return error_; }
  TimeNs horizon() const override { return horizon_; }
  void close_intake() override { closed = true; }
  Status set_filter(const std::string&) override { return Ok{}; }
  const CounterBlock<CaptureCounter>& counters() const override { return counters_; }

  std::atomic<bool> closed = false;
  int slow_packets = 0;  // come once the intake is closed, and take a tenth of a second each

 private:
  struct Waiting {
    Octets bytes;
    TimeNs ts;
  };
  void release(uint64_t) override {}

  std::mutex mutex_;
  std::deque<Waiting> waiting_;
  Waiting out_;
  PacketView view_;
  std::atomic<TimeNs> clock_{0};
  TimeNs horizon_ = 0;
  Error error_;
  CounterBlock<CaptureCounter> counters_;
};

class LiveRuns : public testing::Test {
 protected:
  void start(size_t workers) {
    LogWriterOptions options;
    options.directory = dir_.path();
    options.replay = false;
    options.workers = workers;
    logs_ = LogWriter::create(std::move(options)).value().release();
    owned_logs_.reset(logs_);
    StatsOptions stats;
    stats.workers = workers;
    stats.replay = false;
    stats_ = std::make_unique<StatsCollector>(std::move(stats));
    std::vector<LiveSource*> pointers;
    for (size_t i = 0; i < workers; i++) {
      WorkerConfig config;
      config.session.flow.capacity = 4096;
      config.session.labels = false;
      queues_.push_back(std::make_unique<FakeQueue>());
      pointers.push_back(queues_.back().get());
      workers_.push_back(std::make_unique<Worker>(config, static_cast<uint8_t>(i), logs_->worker(i), stats_->worker(i)));
    }
    logs_->start();
    stats_->start();
    run_ = std::make_unique<LiveRun>(pointers, workers_);
    run_->start();
  }
  void finish() {
    run_->stop();
    logs_->wait_when_full();
    run_->join();
    stats_->finish();
    logs_->finish(kStart);
  }
  std::string conn_log() const {
    std::ifstream in(dir_.path("conn.log"));
    return {std::istreambuf_iterator<char>(in), {}};
  }
  bool wait_for_conn_log(std::string_view text) const {
    for (int i = 0; i < 1000; i++) {
      if (conn_log().find(text) != std::string::npos) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return false;
  }

  TempDir dir_;
  LogWriter* logs_ = nullptr;
  std::unique_ptr<LogWriter> owned_logs_;
  std::unique_ptr<StatsCollector> stats_;
  std::vector<std::unique_ptr<FakeQueue>> queues_;
  std::vector<std::unique_ptr<Worker>> workers_;
  std::unique_ptr<LiveRun> run_;
};

TEST_F(LiveRuns, TheClockEndsConnectionsOfASilentQueue) {
  start(2);
  queues_[0]->push(tcp_frame({.src_port = 40001, .flags = tcpflag::kSyn}, {}), kStart);
  for (auto& q : queues_) q->set_clock(kStart + 30 * kSecond);
  EXPECT_TRUE(wait_for_conn_log("40001")) << "a row is not held back by silent workers";
  EXPECT_LT(run_->lag(kStart + 31 * kSecond), 2 * kSecond);
  finish();
}

TEST_F(LiveRuns, WhatWasTakenInIsHandledAtTheEnd) {
  start(1);
  for (uint16_t i = 0; i < 500; i++) {
    queues_[0]->push(tcp_frame({.src_port = static_cast<uint16_t>(20'000 + i), .flags = tcpflag::kSyn}, {}), kStart + i);
  }
  finish();
  EXPECT_TRUE(queues_[0]->closed);
  EXPECT_TRUE(queues_[0]->drained());
  EXPECT_EQ(stats_->get(StatsCounter::Packets), 500u);
  EXPECT_EQ(stats_->get(StatsCounter::ConnectionsEnded), 500u);
  EXPECT_NE(conn_log().find("20499"), std::string::npos);
}

TEST_F(LiveRuns, WhatTheEndCannotWaitForIsCounted) {
  start(1);
  constexpr uint64_t kPackets = 50;
  queues_[0]->slow_packets = 23;  // more than the two seconds that the end waits
  for (uint64_t i = 0; i < kPackets; i++) queues_[0]->push(tcp_frame({.flags = tcpflag::kSyn}, {}), kStart + static_cast<TimeNs>(i));
  finish();
  EXPECT_GT(run_->left(), 0u);
  EXPECT_EQ(stats_->get(StatsCounter::Packets) + run_->left(), kPackets);
}

TEST(ExpectationExchange, TellsTheOthersAndDropsWhatDoesNotFit) {
  ExpectationExchange exchange(3);
  Expectation e;
  e.resp_port = 4000;
  e.file = std::make_shared<ExpectedFile>();
  exchange.tell_others(1, e);
  std::vector<uint16_t> got;
  for (const size_t to : {0, 1, 2}) {
    exchange.take(to, [&](const Expectation& told) {
      EXPECT_EQ(told.file, nullptr) << "belongs to another worker";
      got.push_back(static_cast<uint16_t>(told.resp_port + to));
    });
  }
  EXPECT_EQ(got, (std::vector<uint16_t>{4000, 4002}));
  EXPECT_EQ(exchange.dropped(), 0u);
  for (size_t i = 0; i < ExpectationExchange::kRing + 5; i++) exchange.tell_others(0, e);
  EXPECT_EQ(exchange.dropped(), 2 * 5u);
}

}  // namespace
}  // namespace sensor
