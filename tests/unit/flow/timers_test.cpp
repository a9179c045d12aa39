// When connections end, and what belongs to the next one.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "flow_fixture.h"

namespace sensor {
namespace {

using test::Ended;
using test::FlowRecorder;
using test::FlowStage;
using test::kA;
using test::kF;
using test::kR;
using test::kS;

TEST(Timers, AttemptEndsAfterFiveSecondsWhateverIsRetransmitted) {
  FlowStage s;
  s.at(0).a(kS, 1000, 0).at(1).a(kS, 1000, 0).at(3).a(kS, 1000, 0).at(7).a(kS, 1000, 0);
  const auto& rows = s.end_all();
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[0].conn.orig_packets, 3U);
  EXPECT_EQ(rows[0].reason, RemoveReason::Attempt);
  EXPECT_DOUBLE_EQ(FlowStage::seconds(rows[0].due_ns), 5.0);
  EXPECT_EQ(rows[1].conn.orig_packets, 1U);
}

TEST(Timers, UdpEndsAfterAMinuteOfSilence) {
  FlowStage s;
  s.at(0).udp(true, "a").at(59.9).udp(false, "b").at(119.9).udp(true, "c");  // exactly sixty seconds later
  const auto& rows = s.end_all();
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[0].reason, RemoveReason::Idle);
  EXPECT_EQ(rows[0].conn.resp_packets, 1U);
  EXPECT_DOUBLE_EQ(FlowStage::seconds(rows[0].due_ns), 119.9);
  EXPECT_EQ(rows[1].conn.orig_packets, 1U);
}

TEST(Timers, ClosedConnectionKeepsLatePacketsForFiveSeconds) {
  FlowStage s;
  s.handshake().a(kF | kA, 1001, 2001).b(kF | kA, 2001, 1002).at(4).a(kA, 1002, 2002).at(6).a(kA, 1002, 2002);
  const auto& rows = s.end_all();
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[0].conn.conn_state, "SF");
  EXPECT_EQ(rows[0].conn.orig_packets, 4U);
  EXPECT_EQ(rows[0].reason, RemoveReason::Closed);
  EXPECT_DOUBLE_EQ(FlowStage::seconds(rows[0].due_ns), 5.004);
  EXPECT_EQ(rows[1].conn.conn_state, "OTH");
}

TEST(Timers, HalfClosedConnectionStays) {
  FlowStage s;
  s.handshake().a(kF | kA, 1001, 2001).b(kA, 2001, 1002).at(200).b(kA, 2001, 1002, "late");
  const Ended e = s.end();
  EXPECT_EQ(e.conn.conn_state, "S2");
  EXPECT_EQ(e.conn.resp_bytes, 4U);
}

TEST(Timers, EstablishedConnectionEndsAfterFiveMinutes) {
  FlowStage s;
  s.handshake().at(300).a(kA, 1001, 2001, "a").at(600.1).a(kA, 1002, 2001, "b");
  const auto& rows = s.end_all();
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[0].conn.orig_bytes, 1U);
  EXPECT_DOUBLE_EQ(FlowStage::seconds(rows[0].due_ns), 600.0);
}

TEST(Timers, InteractivePortsMayBeSilentForAnHour) {
  FlowStage s;
  s.ports(40000, 22).handshake().at(3599).a(kA, 1001, 2001, "a");
  EXPECT_EQ(s.end().conn.orig_bytes, 1U);
}

TEST(Timers, IdleTimeoutCanBeSet) {
  FlowStage s;
  s.at(0).udp(true, "a");
  // Through a handler that asks for ten seconds at the first packet.
  struct Impatient {
    FlowTracker<Impatient>* tracker;
    std::vector<TimeNs> ended;
    void on_new(Flow& f, const DecodedPacket&) { tracker->set_idle_timeout(f, 10 * kSecond); }
    void on_packet(Flow&, Direction, const DecodedPacket&) {}
    void on_datagram(Flow&, Direction, const DecodedPacket&) {}
    void on_data(Flow&, Direction, Bytes) {}
    void on_gap(Flow&, Direction, uint64_t) {}
    void on_eof(Flow&, Direction) {}
    void on_established(Flow&) {}
    void on_flip(Flow&) {}
    void on_weird(Flow&, const Weird&) {}
    void on_remove(Flow&, TimeNs due, RemoveReason) { ended.push_back(due); }
  } handler;
  FlowTracker<Impatient> tracker({}, handler);
  handler.tracker = &tracker;
  DecodedPacket p = s.at(0).packet(true, ipproto::kUdp, Transport::Udp, "x");
  tracker.process({&p, 1});
  tracker.advance(FlowStage::kStart + 9 * kSecond);
  EXPECT_TRUE(handler.ended.empty());
  tracker.advance(FlowStage::kStart + 11 * kSecond);
  ASSERT_EQ(handler.ended.size(), 1U);
  EXPECT_EQ(handler.ended[0], FlowStage::kStart + 10 * kSecond);
}

/// Connections that are looked at every ten seconds, and end then if they were silent for nine; when each ended.
struct IdleChecks {
  struct Handler {
    FlowTracker<Handler>* tracker = nullptr;
    std::vector<double> ended;
    void on_new(Flow& f, const DecodedPacket&) { tracker->end_when_idle(f, 10 * kSecond, 9 * kSecond); }
    void on_packet(Flow&, Direction, const DecodedPacket&) {}
    void on_datagram(Flow&, Direction, const DecodedPacket&) {}
    void on_data(Flow&, Direction, Bytes) {}
    void on_gap(Flow&, Direction, uint64_t) {}
    void on_eof(Flow&, Direction) {}
    void on_established(Flow&) {}
    void on_flip(Flow&) {}
    void on_weird(Flow&, const Weird&) {}
    void on_remove(Flow&, TimeNs due, RemoveReason) { ended.push_back(FlowStage::seconds(due)); }
  };

  IdleChecks() { handler.tracker = &tracker; }
  void datagram(double t, uint16_t port = 40000) {
    DecodedPacket p = s.ports(port, 53).at(t).packet(true, ipproto::kUdp, Transport::Udp, "x");
    tracker.process({&p, 1});
  }
  std::vector<double> end(int t) {
    tracker.finish(FlowStage::kStart + t * kSecond);
    return handler.ended;
  }

  FlowStage s;
  Handler handler;
  FlowTracker<Handler> tracker{{}, handler};
};

TEST(Timers, PeriodicIdleCheck) {
  IdleChecks c;
  // At 13: silent for eight seconds. At 40: for 27.
  for (const double t : {0.0, 5.0, 13.0, 40.0}) c.datagram(t);
  EXPECT_EQ(c.end(45), (std::vector<double>{40.0, 45.0}));
}

TEST(Timers, IdleCheckComesWithAPacket) {
  IdleChecks c;
  for (const double t : {0.0, 5.0, 14.5}) c.datagram(t);
  EXPECT_EQ(c.end(15), (std::vector<double>{14.5, 15.0})) << "ten is over at 14.5: silent for nine and a half";
  IdleChecks d;
  d.datagram(0);
  d.datagram(8);
  d.datagram(12, 40001);
  d.datagram(21.5);
  EXPECT_EQ(d.end(22), (std::vector<double>{22.0, 22.0})) << "at twelve, the packet of another connection, and not again before 22";
}

TEST(Timers, IdleChecksAreTheSameForEveryWorker) {
  IdleChecks c;
  std::vector<TimeNs> clocks;
  for (const double t : {0.0, 5.0, 10.01, 12.0, 14.5}) clocks.push_back(FlowStage::kStart + static_cast<TimeNs>(t * 1e9));
  c.tracker.begin_burst(clocks);
  for (const double t : {0.0, 5.0, 14.5}) c.datagram(t);  // the others are another worker's
  EXPECT_EQ(c.end(15), (std::vector<double>{15.0})) << "at 10.01: silent for five";
}

TEST(Timers, ReuseBeginsANewConnection) {
  FlowStage s;
  s.handshake().a(kS, 9000, 0);
  const auto& rows = s.end_all();
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[0].reason, RemoveReason::Reused);
  EXPECT_EQ(s.seen.weirds, std::vector<std::string>{"active_connection_reuse"});
  FlowStage t;
  t.handshake().a(kF | kA, 1001, 2001).b(kF | kA, 2001, 1002).a(kS, 9000, 0);
  EXPECT_EQ(t.end_all().size(), 2U);
  EXPECT_EQ(t.seen.weirds, std::vector<std::string>{"premature_connection_reuse"});
}

TEST(Timers, NothingButBadPacketsEndsAfterFiveSeconds) {
  FlowStage s;
  s.checksum_ok = false;
  s.at(0).a(kS, 1000, 0).at(7).a(kS, 1000, 0);
  EXPECT_EQ(s.end_all().size(), 2U);
}

TEST(Timers, JumpsOfTimeInEitherDirection) {
  FlowStage s;
  s.at(0).udp(true, "a").at(-100).udp(true, "b").at(1e6).udp(true, "c").at(5e8).udp(true, "d");
  const auto& rows = s.end_all();
  EXPECT_EQ(s.seen.created, static_cast<int>(rows.size()));
  uint64_t packets = 0;
  for (const auto& r : rows) packets += r.conn.orig_packets;
  EXPECT_EQ(packets, 4U);
  EXPECT_EQ(s.tracker.size(), 0U);
}

TEST(Timers, WatermarkNeverPassesWhatIsStillToCome) {
  FlowStage s;
  std::mt19937 random(7);
  double t = 0;
  size_t checked = 0;
  TimeNs highest_watermark = 0;
  for (int i = 0; i < 5000; i++) {
    t += static_cast<double>(random() % 1000) / 1000.0;
    const double behind = random() % 20 == 0 ? 300 : 0;  // a capture whose time goes back
    s.ports(static_cast<uint16_t>(20000 + random() % 200), 9999).at(t - behind).udp(true, "x");
    s.tracker.advance(FlowStage::kStart + static_cast<TimeNs>(t * 1e9));
    for (; checked < s.seen.ended.size(); checked++) EXPECT_GE(s.seen.ended[checked].due_ns, highest_watermark);
    highest_watermark = s.tracker.watermark();
  }
  EXPECT_GT(checked, 10U);
}

/// One row per line, in an order that does not depend on who wrote it.
std::vector<std::string> sorted_rows(const std::vector<FlowRecorder*>& recorders) {
  std::vector<std::string> rows;
  for (const FlowRecorder* r : recorders) {
    for (const Ended& e : r->ended) {
      rows.push_back(std::to_string(e.due_ns) + " " + e.orig.to_string() + ":" + std::to_string(e.orig_port) + " " +
                     std::to_string(e.conn.start_ns) + " " + std::to_string(e.conn.duration_ns) + " " + std::string(e.conn.conn_state) +
                     " " + e.conn.history + " " + std::to_string(e.conn.orig_packets) + " " + std::to_string(e.conn.resp_packets));
    }
  }
  std::sort(rows.begin(), rows.end());
  return rows;
}

/// The same packets through one tracker, packet by packet and in bursts, and through several.
TEST(Timers, RowsDoNotDependOnWorkersOrBursts) {
  constexpr size_t kPackets = 20000;
  FlowStage source;
  std::mt19937 random(11);
  std::vector<DecodedPacket> packets;
  double t = 0;
  for (size_t i = 0; i < kPackets; i++) {
    t += static_cast<double>(random() % 1000) / 10000.0;
    source.ports(static_cast<uint16_t>(20000 + random() % 300), 9999).at(t);
    const bool from_a = random() % 3 != 0;
    DecodedPacket p = source.packet(from_a, ipproto::kTcp, Transport::Tcp, random() % 2 != 0 ? "data" : "");
    constexpr std::array<uint8_t, 6> kFlags = {kS, kS | kA, kA, kA, kF | kA, kR};
    const uint32_t base = from_a ? 1000 : 2000, other = from_a ? 2000 : 1000;
    p.tcp = {.seq = base + static_cast<uint32_t>(random() % 20),
             .ack = other + static_cast<uint32_t>(random() % 20),
             .window = 1000,
             .flags = kFlags[random() % kFlags.size()],
             .header_len = 20};
    packets.push_back(p);
  }
  const TimeNs end = packets.back().ts_ns;
  std::vector<std::string> first;
  for (const size_t workers : {1, 2, 5}) {
    for (const size_t burst : {1, 7, 64, 200}) {
      std::vector<std::unique_ptr<FlowStage>> stages;
      std::vector<FlowRecorder*> recorders;
      for (size_t w = 0; w < workers; w++) {
        stages.push_back(std::make_unique<FlowStage>());
        stages.back()->seen.reads = w % 2 == 0;  // reading must not change a row
        recorders.push_back(&stages.back()->seen);
        std::vector<DecodedPacket> mine;
        for (const auto& p : packets) {
          if (std::max(p.tuple.src_port, p.tuple.dst_port) % workers == w) mine.push_back(p);
        }
        for (size_t i = 0; i < mine.size(); i += burst) {
          stages.back()->tracker.process(std::span(mine).subspan(i, std::min(burst, mine.size() - i)));
        }
        stages.back()->tracker.finish(end);
      }
      const auto rows = sorted_rows(recorders);
      if (first.empty()) first = rows;
      EXPECT_GT(rows.size(), 300U);
      EXPECT_EQ(rows, first) << workers << " workers, bursts of " << burst;
    }
  }
}

}  // namespace
}  // namespace sensor
