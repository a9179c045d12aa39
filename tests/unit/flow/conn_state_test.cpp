// Every conn_state, and the sizes and counts that go with it.
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

TEST(ConnState, NormalConnectionIsSF) {
  FlowStage s;
  s.handshake().a(kA, 1001, 2001, "GET").b(kA, 2001, 1004, "hello").a(kA, 1004, 2006);
  s.a(kF | kA, 1004, 2006).b(kF | kA, 2006, 1005).a(kA, 1005, 2007);
  const Ended e = s.end();
  EXPECT_EQ(e.conn.conn_state, "SF");
  EXPECT_EQ(e.conn.history, "ShADdFf");
  EXPECT_EQ(e.conn.orig_bytes, 3U);
  EXPECT_EQ(e.conn.resp_bytes, 5U);
  EXPECT_EQ(e.conn.orig_packets, 6U);
  EXPECT_EQ(e.conn.resp_packets, 3U);
  EXPECT_EQ(e.conn.orig_ip_bytes, 6 * 40 + 3U);
  EXPECT_EQ(e.conn.resp_ip_bytes, 3 * 40 + 5U);
  EXPECT_EQ(e.conn.missed_bytes, 0U);
  EXPECT_EQ(e.conn.ip_proto, 6);
  EXPECT_EQ(e.conn.duration_ns, 7 * kMillisecond) << "the last ACK comes after both ends have closed";
  EXPECT_EQ(e.orig_port, 40000);
  EXPECT_EQ(e.resp_port, 9999);
  EXPECT_EQ(s.seen.streams[0], "GET$");
  EXPECT_EQ(s.seen.streams[1], "hello$");
  EXPECT_EQ(s.seen.established, 1);
  EXPECT_TRUE(s.seen.weirds.empty());
}

TEST(ConnState, AttemptWithoutAnswerIsS0) {
  FlowStage s;
  const Ended e = s.a(kS, 1000, 0).end();
  EXPECT_EQ(e.conn.conn_state, "S0");
  EXPECT_EQ(e.conn.history, "S");
  EXPECT_FALSE(e.conn.has_duration);
}

TEST(ConnState, EstablishedAndAliveIsS1) {
  FlowStage s;
  const Ended e = s.handshake().end();
  EXPECT_EQ(e.conn.conn_state, "S1");
  EXPECT_EQ(e.conn.history, "ShA");
  EXPECT_EQ(e.reason, RemoveReason::EndOfInput);
}

TEST(ConnState, RefusedIsREJ) {
  FlowStage s;
  const Ended e = s.a(kS, 1000, 0).b(kR | kA, 0, 1001).end();
  EXPECT_EQ(e.conn.conn_state, "REJ");
  EXPECT_EQ(e.conn.history, "Sr");
  EXPECT_EQ(e.conn.orig_bytes, 0U);
  EXPECT_EQ(e.conn.resp_bytes, 0U);
}

TEST(ConnState, OnlyOrigClosedIsS2) {
  FlowStage s;
  const Ended e = s.handshake().a(kF | kA, 1001, 2001).b(kA, 2001, 1002).end();
  EXPECT_EQ(e.conn.conn_state, "S2");
  EXPECT_EQ(e.conn.history, "ShAFa");
}

TEST(ConnState, OnlyRespClosedIsS3) {
  FlowStage s;
  const Ended e = s.handshake().b(kF | kA, 2001, 1001).a(kA, 1001, 2002).end();
  EXPECT_EQ(e.conn.conn_state, "S3");
  EXPECT_EQ(e.conn.history, "ShAf");
}

TEST(ConnState, ResetByOrigIsRSTO) {
  FlowStage s;
  const Ended e = s.handshake().a(kA, 1001, 2001, "x").a(kR, 1002, 0).end();
  EXPECT_EQ(e.conn.conn_state, "RSTO");
  EXPECT_EQ(e.conn.history, "ShADR");
  EXPECT_EQ(e.conn.orig_bytes, 1U);
}

TEST(ConnState, ResetByRespIsRSTR) {
  FlowStage s;
  const Ended e = s.handshake().a(kA, 1001, 2001, "x").b(kR | kA, 2001, 1002).end();
  EXPECT_EQ(e.conn.conn_state, "RSTR");
  EXPECT_EQ(e.conn.history, "ShADr");
}

TEST(ConnState, AttemptTakenBackIsRSTOS0) {
  FlowStage s;
  const Ended e = s.a(kS, 1000, 0).a(kR, 1001, 0).end();
  EXPECT_EQ(e.conn.conn_state, "RSTOS0");
  EXPECT_EQ(e.conn.history, "SR");
}

TEST(ConnState, SynAckThenResetFromAServerIsRSTRH) {
  FlowStage s;
  const Ended e = s.ports(40000, 80).b(kS | kA, 2000, 1001).b(kR, 2001, 0).end();
  EXPECT_EQ(e.conn.conn_state, "RSTRH");
  EXPECT_EQ(e.conn.history, "^hr");
  EXPECT_EQ(e.resp_port, 80);
}

TEST(ConnState, SynThenFinIsSH) {
  FlowStage s;
  const Ended e = s.a(kS, 1000, 0).a(kF, 1001, 0).end();
  EXPECT_EQ(e.conn.conn_state, "SH");
  EXPECT_EQ(e.conn.history, "SF");
  EXPECT_EQ(s.seen.weirds, std::vector<std::string>{"inappropriate_FIN"});
}

TEST(ConnState, SynAckThenFinFromAServerIsSHR) {
  FlowStage s;
  const Ended e = s.ports(40000, 80).b(kS | kA, 2000, 1001).b(kF | kA, 2001, 1001).end();
  EXPECT_EQ(e.conn.conn_state, "SHR");
  EXPECT_EQ(e.conn.history, "^hf");
}

TEST(ConnState, MidstreamIsOTH) {
  FlowStage s;
  const Ended e = s.a(kA, 5000, 7000, "abc").b(kA, 7000, 5003, "defg").a(kA, 5003, 7004).end();
  EXPECT_EQ(e.conn.conn_state, "OTH");
  EXPECT_EQ(e.conn.history, "DdA");
  EXPECT_EQ(e.conn.orig_bytes, 3U);
  EXPECT_EQ(e.conn.resp_bytes, 4U);
  EXPECT_EQ(s.seen.streams[0], "abc");
  EXPECT_EQ(s.seen.streams[1], "defg");
}

TEST(ConnState, MidstreamFromAServerPortIsFlipped) {
  FlowStage s;
  const Ended e = s.ports(40000, 443).b(kA, 7000, 5000, "abc").end();
  EXPECT_EQ(e.conn.history, "^d");
  EXPECT_EQ(e.resp_port, 443);
  EXPECT_EQ(e.conn.resp_packets, 1U);
}

TEST(ConnState, OfTwoServerPortsTheLowerAnswers) {
  FlowStage s;
  EXPECT_EQ(s.ports(443, 80).b(kA, 7000, 5000, "abc").end().resp_port, 80);
  FlowStage t;
  EXPECT_EQ(t.ports(80, 443).b(kA, 7000, 5000, "abc").end().resp_port, 80);
  FlowStage scan;  // a SYN+ACK between servers is not flipped
  EXPECT_EQ(scan.ports(443, 80).b(kS | kA, 7000, 5000).end().resp_port, 443);
}

TEST(ConnState, SynAckOpenerFlipsWhenTheConnectionProvesReal) {
  FlowStage s;
  s.b(kS | kA, 2000, 1001).a(kA, 1001, 2001, "x").b(kA, 2001, 1002, "y");
  const Ended e = s.end();
  EXPECT_EQ(e.conn.history, "^hDd");
  EXPECT_EQ(e.conn.conn_state, "OTH") << "the handshake is not made up, as in Zeek";
  EXPECT_EQ(e.orig_port, 40000);
  EXPECT_EQ(e.conn.orig_packets, 1U);
  EXPECT_EQ(e.conn.resp_packets, 2U);
  EXPECT_EQ(s.seen.streams[0], "x");
  EXPECT_EQ(s.seen.streams[1], "y");
  EXPECT_EQ(s.seen.flips, 1);
}

TEST(ConnState, SynAfterSynAckIsPutRight) {
  FlowStage s;
  s.b(kS | kA, 2000, 1001).a(kS, 1000, 0).a(kA, 1001, 2001);
  const Ended e = s.end();
  EXPECT_EQ(e.conn.conn_state, "S1");
  EXPECT_EQ(e.orig_port, 40000);
  EXPECT_EQ(e.conn.history, "Hs^A");
}

TEST(ConnState, SizesFollowSequenceNumbersNotPackets) {
  FlowStage s;  // a gigabyte that nobody captured
  s.handshake().a(kF | kA, 1001 + (1U << 30), 2001).b(kF | kA, 2001, 1002 + (1U << 30));
  const Ended e = s.end();
  EXPECT_EQ(e.conn.orig_bytes, 1U << 30);
  EXPECT_EQ(e.conn.conn_state, "SF");
}

TEST(ConnState, SequenceNumbersMayWrapMoreThanOnce) {
  FlowStage s;
  uint32_t seq = 0xffffff00;
  s.a(kS, seq - 1, 0).b(kS | kA, 2000, seq).a(kA, seq, 2001);
  const std::string megabyte(1 << 20, 'm');
  const uint64_t total = (9ULL << 30) + 12345;  // more than two turns
  // Half a gigabyte between segments that are seen: acknowledged, so given up as gaps.
  for (uint64_t sent = 0; sent < total; sent += 1U << 29) {
    s.a(kA, seq + static_cast<uint32_t>(sent), 2001, "x").b(kA, 2001, seq + static_cast<uint32_t>(sent) + 1);
  }
  const uint64_t last = (total - 1) / (1U << 29) * (1U << 29);
  const Ended e = s.end();
  EXPECT_EQ(e.conn.orig_bytes, last + 1);
  EXPECT_EQ(e.conn.missed_bytes, last + 1 - (last / (1U << 29) + 1));
}

TEST(ConnState, UdpStates) {
  FlowStage s0;
  EXPECT_EQ(s0.udp(true, "q").end().conn.conn_state, "S0");
  FlowStage sf;
  const Ended e = sf.udp(true, "question").udp(false, "answer").end();
  EXPECT_EQ(e.conn.conn_state, "SF");
  EXPECT_EQ(e.conn.history, "Dd");
  EXPECT_EQ(e.conn.orig_bytes, 8U);
  EXPECT_EQ(e.conn.resp_bytes, 6U);
  FlowStage shr;
  const Ended r = shr.ports(40000, 53).udp(false, "answer").end();
  EXPECT_EQ(r.conn.conn_state, "SHR");
  EXPECT_EQ(r.conn.history, "^d");
  FlowStage oth;
  oth.checksum_ok = false;
  EXPECT_EQ(oth.udp(true, "q").end().conn.conn_state, "OTH");
}

TEST(ConnState, BroadcastIsNotFlipped) {
  FlowStage s;
  s.host_a = IpAddress::v4(0xffffffff);
  EXPECT_EQ(s.ports(68, 67).udp(false, "offer").end().conn.history, "D");
}

}  // namespace
}  // namespace sensor
