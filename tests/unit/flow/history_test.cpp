// The letters of the history, one by one.
#include <gtest/gtest.h>

#include "flow_fixture.h"

namespace sensor {
namespace {

using test::Ended;
using test::FlowStage;
using test::kA;
using test::kF;
using test::kR;
using test::kS;

TEST(History, RetransmissionsAreMentionedAtPowersOfTen) {
  FlowStage s;
  s.handshake().a(kA, 1001, 2001, "abc");
  for (int i = 0; i < 9; i++) s.a(kA, 1001, 2001, "abc");
  EXPECT_EQ(s.tracker.counters().get(FlowCounter::Created), 1U);
  s.a(kA, 1001, 2001, "abc");
  for (int i = 0; i < 90; i++) s.a(kA, 1001, 2001, "abc");
  EXPECT_EQ(s.end().conn.history, "ShADTTT");
}

TEST(History, ZeroWindows) {
  FlowStage s;
  s.handshake();
  s.window = 0;
  for (int i = 0; i < 10; i++) s.b(kA, 2001, 1001);
  EXPECT_EQ(s.end().conn.history, "ShAaww");
}

TEST(History, ZeroWindowsOfResetsAreBoring) {
  FlowStage s;
  s.handshake();
  s.window = 0;
  s.b(kR, 2001, 0);
  EXPECT_EQ(s.end().conn.history, "ShAr");
}

TEST(History, BadChecksumsAreMentionedAndNotCounted) {
  FlowStage s;
  s.handshake();
  s.checksum_ok = false;
  for (int i = 0; i < 10; i++) s.a(kA, 1001, 2001, "abc");
  const Ended e = s.end();
  EXPECT_EQ(e.conn.history, "ShACC");
  EXPECT_EQ(e.conn.orig_packets, 2U);
  EXPECT_EQ(e.conn.orig_bytes, 0U);
  EXPECT_EQ(s.seen.weirds, (std::vector<std::string>{"bad_TCP_checksum", "bad_TCP_checksum"}))
      << "told at the first and the tenth, as in the history";
}

TEST(History, MultipleControlFlags) {
  FlowStage s;
  EXPECT_EQ(s.a(kS | kF, 1000, 0).end().conn.history, "Q");
  FlowStage t;
  EXPECT_EQ(t.handshake().a(kF | kR, 1001, 0).end().conn.history, "ShAI");
}

TEST(History, ControlPacketsAreMentionedAgainWhenTheirNumberChanges) {
  FlowStage s;
  s.handshake().a(kR, 1001, 0).a(kR, 1001, 0).a(kR, 1005, 0).a(kR, 1009, 0);
  EXPECT_EQ(s.end().conn.history, "ShARRR");
}

TEST(History, SynWhoseNumberHasWrappedMeanwhile) {
  FlowStage s;
  s.a(kS, 0xfffffff0, 0).b(kS | kA, 2000, 0xfffffff1).a(kA, 0xfffffff1, 2001, "beyond the end of the space").a(kS, 0xfffffff0, 0);
  EXPECT_EQ(s.end().conn.history, "ShDS");
}

TEST(History, RetransmittedSynIsMentionedOnce) {
  FlowStage s;
  EXPECT_EQ(s.a(kS, 1000, 0).a(kS, 1000, 0).end().conn.history, "S");
}

TEST(History, GapIsMentionedOnceAcknowledged) {
  FlowStage s;
  s.handshake().a(kA, 1001, 2001, "abc").a(kA, 1014, 2001, "xyz").b(kA, 2001, 1017);
  const Ended e = s.end();
  EXPECT_EQ(e.conn.history, "ShADaG");
  EXPECT_EQ(e.conn.missed_bytes, 10U);
  EXPECT_EQ(s.seen.streams[0], "abc<10>xyz");
}

TEST(History, GapOfAPartialConnectionDoesNotCount) {
  FlowStage s;
  s.a(kA, 1001, 2001, "abc").b(kA, 2001, 1004).a(kA, 1014, 2001, "xyz").b(kA, 2001, 1017);
  const Ended e = s.end();
  EXPECT_EQ(e.conn.history, "Da");
  EXPECT_EQ(e.conn.missed_bytes, 0U);
  EXPECT_EQ(s.seen.streams[0], "abc<10>xyz") << "but its reader is told";
}

TEST(History, LongOnesAreKeptWhole) {
  FlowStage s;
  s.handshake();
  std::string expected = "ShA";
  for (uint32_t i = 0; i < 50; i++) {
    s.a(kR, 1001 + i, 0);
    expected += 'R';
  }
  EXPECT_EQ(s.end().conn.history, expected);
}

TEST(History, AnalyzersMayAddALetterOnce) {
  FlowStage s;
  s.seen.reads = true;
  struct Mentioning {
    FlowTracker<Mentioning>* tracker;
    std::string history;
    void on_new(Flow& f, const DecodedPacket&) { f.want_packets = true; }
    void on_packet(Flow& f, Direction, const DecodedPacket&) { tracker->mention(f, 'X'); }
    void on_datagram(Flow&, Direction, const DecodedPacket&) {}
    void on_data(Flow&, Direction, Bytes) {}
    void on_gap(Flow&, Direction, uint64_t) {}
    void on_eof(Flow&, Direction) {}
    void on_established(Flow&) {}
    void on_flip(Flow&) {}
    void on_weird(Flow&, const Weird&) {}
    void on_remove(Flow& f, TimeNs, RemoveReason) { history = tracker->summary(f).history; }
  } handler;
  FlowTracker<Mentioning> tracker({}, handler);
  handler.tracker = &tracker;
  DecodedPacket p = s.packet(true, ipproto::kUdp, Transport::Udp, "x");
  tracker.process({&p, 1});
  tracker.process({&p, 1});
  tracker.finish(p.ts_ns);
  EXPECT_EQ(handler.history, "DX");
}

TEST(History, ReaderMayFlipRolesInTheMiddleOfAPacket) {
  FlowStage s;
  s.seen.flip_at_data = true;
  s.handshake().a(kA, 1001, 2001, "abc").b(kA, 2001, 1004, "de").a(kF | kA, 1004, 2003).b(kF | kA, 2003, 1005);
  const Ended e = s.end();
  EXPECT_EQ(e.conn.history, "ShAD^fF") << "what was mentioned of a role is not mentioned again";
  EXPECT_EQ(e.orig_port, 9999);
  EXPECT_EQ(e.conn.orig_bytes, 2U);
  EXPECT_EQ(e.conn.resp_bytes, 3U);
  EXPECT_EQ(e.conn.orig_packets, 3U);
  EXPECT_EQ(e.conn.resp_packets, 4U);
  EXPECT_EQ(s.seen.streams[0], "de$");
  EXPECT_EQ(s.seen.streams[1], "abc$");
}

TEST(History, ReaderOfADatagramMayFlipRoles) {
  FlowStage s;
  s.seen.flip_at_data = true;
  s.udp(true, "answer");
  const Ended e = s.end();
  EXPECT_EQ(e.conn.history, "D^");
  EXPECT_EQ(e.orig_port, 9999);
  EXPECT_EQ(e.conn.orig_packets, 1U) << "Zeek counts the datagram where it was found";
  EXPECT_EQ(e.conn.resp_packets, 0U);
  EXPECT_EQ(e.conn.orig_ip_bytes, 34U);
  EXPECT_EQ(e.conn.resp_ip_bytes, 0U);
  EXPECT_EQ(e.conn.conn_state, "S0");
}

}  // namespace
}  // namespace sensor
