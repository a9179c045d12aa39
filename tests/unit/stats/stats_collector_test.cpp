#include "sensor/stats/stats_collector.h"

#include <gtest/gtest.h>

#include <random>
#include <sstream>
#include <thread>

namespace sensor {
namespace {

constexpr DurationNs kInterval = 10 * kSecond;

std::string text(const StatsReport& r) {
  std::ostringstream s;
  s << r.start_ns << ' ' << r.end_ns << ' ' << r.traffic.packets << ' ' << r.traffic.bytes << ' ' << r.traffic.gaps << '/'
    << r.traffic.acks;
  for (size_t i = 0; i < 4; i++) s << ' ' << r.traffic.opened[i] << '/' << r.traffic.ended[i] << '/' << r.active[i];
  for (const auto& n : r.services) s << ' ' << n.name << '=' << n.connections << '/' << n.packets << '/' << n.bytes;
  for (const auto& n : r.applications) s << ' ' << n.name << '=' << n.connections;
  for (const auto& role : r.top.lists) {
    for (const auto& list : role) {
      for (const auto& a : list) s << ' ' << a.address.to_string() << '=' << a.value << '-' << a.error;
      s << ';';
    }
  }
  s << '\n';
  return s.str();
}

struct Packet {
  TimeNs ts;
  uint32_t len;
  uint32_t orig;
  bool opens, ends;
  uint64_t id;
};

std::vector<Packet> capture(size_t n) {
  std::mt19937_64 rng(11);
  std::vector<Packet> packets;
  TimeNs t = 1'000'003 * kSecond;
  for (size_t i = 0; i < n; i++) {
    t += static_cast<TimeNs>(rng() % (3 * kMillisecond));
    const TimeNs ts = rng() % 50 == 0 ? t - kSecond : t;  // some are out of order
    packets.push_back(
        {ts, static_cast<uint32_t>(60 + rng() % 1400), static_cast<uint32_t>(rng() % 500), rng() % 4 == 0, rng() % 4 == 0, i});
  }
  return packets;
}

EndedConnection ended(const Packet& p, TimeNs due) {
  EndedConnection c;
  c.due_ns = due;
  c.key_hi = p.id * 0x9e3779b97f4a7c15;
  c.orig = IpAddress::v4(0x0a000000 + p.orig);
  c.resp = IpAddress::v4(0xc0000200 + p.orig % 3);
  c.orig_bytes = p.len;
  c.orig_packets = 1;
  c.resp_bytes = 2 * p.len;
  c.resp_packets = 2;
  c.transport = p.orig % 2 == 0 ? Transport::Tcp : Transport::Udp;
  c.services[0] = p.orig % 2 == 0 ? "http" : "dns";
  c.application = p.orig % 3 == 0 ? "YouTube" : "";
  return c;
}

/// One worker's part of the capture, in bursts that depend on how many workers there are.
void work(WorkerStats& stats, const std::vector<Packet>& packets, size_t worker, size_t workers) {
  TimeNs clock = 0;
  const size_t burst = 64 / workers;
  for (size_t i = 0; i < packets.size(); i += burst) {
    stats.begin_burst(clock);
    const size_t end = std::min(packets.size(), i + burst);
    std::vector<EndedConnection> ends;
    for (size_t k = i; k < end; k++) {
      const Packet& p = packets[k];
      clock = std::max(clock, p.ts);
      if (p.orig % workers != worker) continue;
      stats.on_packet(clock, p.len);
      if (p.opens) stats.on_connection_open(clock, Transport::Tcp);
      if (p.ends) ends.push_back(ended(p, clock));
      stats.on_acks(clock, 1, p.opens ? 1 : 0);
    }
    for (const EndedConnection& c : ends) stats.on_connection_end(c);
    stats.advance(clock);
  }
}

struct Outcome {
  std::string intervals, whole;
};

Outcome run(const std::vector<Packet>& packets, size_t workers, size_t capacity) {
  Outcome out;
  StatsOptions o;
  o.workers = workers;
  o.interval_ns = kInterval;
  o.sketch_capacity = capacity;
  o.ring_batches = 4;
  o.on_interval = [&out](const StatsReport& r) { out.intervals += text(r); };
  StatsCollector stats(o);
  stats.start();
  std::vector<std::thread> threads;
  for (size_t i = 0; i < workers; i++) threads.emplace_back([&, i] { work(stats.worker(i), packets, i, workers); });
  for (auto& t : threads) t.join();
  stats.finish();
  out.whole = text(stats.whole_run());
  EXPECT_EQ(stats.get(StatsCounter::Packets), packets.size());
  EXPECT_EQ(stats.whole_run().traffic.packets, packets.size());
  EXPECT_EQ(stats.dropped_connections(), 0u);
  return out;
}

TEST(StatsCollector, ReportsAreTheSameForAnyNumberOfWorkers) {
  const auto packets = capture(40'000);
  for (const size_t capacity : {8u, 2048u}) {
    const Outcome one = run(packets, 1, capacity);
    EXPECT_EQ(std::count(one.intervals.begin(), one.intervals.end(), '\n'), 7) << one.intervals;
    for (const size_t workers : {2u, 4u, 8u}) {
      const Outcome more = run(packets, workers, capacity);
      EXPECT_EQ(one.intervals, more.intervals) << workers;
      EXPECT_EQ(one.whole, more.whole) << workers;
    }
  }
}

TEST(StatsCollector, IntervalsAddUp) {
  std::vector<StatsReport> reports;
  StatsOptions o;
  o.interval_ns = kInterval;
  o.on_interval = [&reports](const StatsReport& r) { reports.push_back(r); };
  StatsCollector stats(o);
  stats.start();
  WorkerStats& w = stats.worker(0);
  w.begin_burst(0);
  w.on_packet(1003 * kSecond, 100);
  w.on_connection_open(1003 * kSecond, Transport::Tcp);
  w.on_connection_open(1004 * kSecond, Transport::Udp);
  w.advance(1004 * kSecond);
  w.begin_burst(1004 * kSecond);
  w.on_packet(1015 * kSecond, 50);
  EndedConnection c;
  c.due_ns = 1014 * kSecond;
  c.transport = Transport::Udp;
  c.orig = IpAddress::v4(1);
  c.resp = IpAddress::v4(2);
  c.orig_bytes = 30;
  c.orig_packets = 1;
  c.services = {"dns"};
  w.on_connection_end(c);
  w.advance(1015 * kSecond);
  w.begin_burst(1015 * kSecond);
  w.on_packet(9999 * kSecond, 1);  // a long silence: intervals without anything are not reported
  w.advance(9999 * kSecond);
  stats.finish();

  ASSERT_EQ(reports.size(), 3u);
  EXPECT_EQ(reports[0].start_ns, 1003 * kSecond);
  EXPECT_EQ(reports[0].end_ns, 1010 * kSecond);
  EXPECT_EQ(reports[0].traffic.packets, 1u);
  EXPECT_EQ(reports[0].active[1], 1u);
  EXPECT_EQ(reports[0].active[2], 1u);
  EXPECT_EQ(reports[1].start_ns, 1010 * kSecond);
  EXPECT_EQ(reports[1].traffic.bytes, 50u);
  EXPECT_EQ(reports[1].active[2], 0u);
  ASSERT_EQ(reports[1].services.size(), 1u);
  EXPECT_EQ(reports[1].services[0].name, "dns");
  const auto& senders = reports[1].top.list(TopRole::Source, TopMetric::Volume);
  ASSERT_EQ(senders.size(), 1u) << "the responder sent nothing";
  EXPECT_EQ(senders[0].value, 30u);
  EXPECT_EQ(reports[2].end_ns, 9999 * kSecond) << "the run ended there";
  EXPECT_EQ(stats.whole_run().traffic.packets, 3u);
  EXPECT_EQ(stats.whole_run().connections(), 2u);
  EXPECT_EQ(stats.whole_run().start_ns, 1003 * kSecond);
}

TEST(StatsCollector, TheIntervalChanges) {
  std::vector<StatsReport> reports;
  StatsOptions o;
  o.interval_ns = 3600 * kSecond;
  o.replay = false;
  o.on_interval = [&reports](const StatsReport& r) { reports.push_back(r); };
  StatsCollector stats(o);
  WorkerStats& w = stats.worker(0);
  const auto burst = [&](int packet, int now) {
    w.begin_burst((now - 1) * kSecond);
    if (packet != 0) w.on_packet(packet * kSecond, 100);
    w.advance((now - 1) * kSecond);
  };
  burst(1003, 1004);
  stats.reconfigure(10 * kSecond, 5);
  burst(0, 1005);
  burst(1014, 1015);
  burst(0, 1031);
  burst(1032, 1033);
  stats.reconfigure(3600 * kSecond, 5);
  burst(0, 1034);
  burst(1041, 1042);
  stats.start();
  stats.finish();

  ASSERT_EQ(reports.size(), 4u);
  const TimeNs ends[] = {1010 * kSecond, 1020 * kSecond, 1040 * kSecond, 1041 * kSecond};
  TimeNs begin = 1003 * kSecond;
  for (size_t i = 0; i < 4; i++) {
    EXPECT_EQ(reports[i].start_ns, begin) << i;
    EXPECT_EQ(reports[i].end_ns, ends[i]) << i;
    EXPECT_EQ(reports[i].traffic.packets, 1u) << i;
    begin = ends[i];
  }
}

TEST(StatsCollector, EndsOfIntervals) {
  EXPECT_EQ(interval_end(0, 10), 10);
  EXPECT_EQ(interval_end(9, 10), 10);
  EXPECT_EQ(interval_end(10, 10), 20);
  EXPECT_EQ(interval_end(-1, 10), 0);
  EXPECT_EQ(interval_end(-10, 10), 0);
  EXPECT_EQ(interval_end(std::numeric_limits<TimeNs>::max(), 10), std::numeric_limits<TimeNs>::max());
}

TEST(StatsCollector, NoPacketsNoReport) {
  int reports = 0;
  StatsOptions o;
  o.on_interval = [&reports](const StatsReport&) { reports++; };
  StatsCollector stats(o);
  stats.start();
  stats.finish();
  EXPECT_EQ(reports, 0);
  EXPECT_EQ(stats.whole_run().traffic.packets, 0u);
}

TEST(StatsCollector, AFullRingDropsLiveAndCounts) {
  StatsOptions o;
  o.replay = false;
  o.ring_batches = 1;
  StatsCollector stats(o);
  for (int i = 0; i < 1000; i++) {
    stats.worker(0).on_connection_end({});  // nobody empties the ring yet
  }
  stats.start();
  stats.finish();
  EXPECT_GT(stats.dropped_connections(), 0u);
  EXPECT_EQ(stats.whole_run().top.totals[static_cast<size_t>(TopMetric::Connections)] + stats.dropped_connections(), 1000u);
}

TEST(StatsCollector, TimesAtTheEndOfTimeDoNotOverflow) {
  StatsOptions o;
  StatsCollector stats(o);
  stats.start();
  stats.worker(0).begin_burst(0);
  stats.worker(0).on_packet(std::numeric_limits<TimeNs>::max() - 1, 1);
  stats.worker(0).advance(5);
  stats.finish();
  EXPECT_EQ(stats.whole_run().traffic.packets, 1u);
}

}  // namespace
}  // namespace sensor
