// Oddities of TCP, UDP and ICMP, by Zeek's names.
#include <gtest/gtest.h>

#include "flow_fixture.h"

namespace sensor {
namespace {

using test::FlowStage;
using test::kA;
using test::kF;
using test::kR;
using test::kS;
using test::kU;
using Names = std::vector<std::string>;

TEST(TcpWeird, None) {
  FlowStage s;
  s.handshake().a(kA, 1001, 2001, "x").a(kF | kA, 1002, 2001).b(kF | kA, 2001, 1003);
  EXPECT_TRUE(s.seen.weirds.empty());
}

TEST(TcpWeird, OfTheFirstSyn) {
  FlowStage s;
  s.a(kS | kU, 1000, 0, "fast open");
  EXPECT_EQ(s.seen.weirds, (Names{"baroque_SYN", "SYN_with_data"}));
  EXPECT_EQ(s.seen.sources[0], "TCP");
  EXPECT_EQ(s.seen.streams[0], "fast open");
  FlowStage t;
  t.a(kS | kR, 1000, 0);
  EXPECT_EQ(t.seen.weirds, (Names{"TCP_christmas", "spontaneous_RST"}));
}

TEST(TcpWeird, SequenceNumbers) {
  FlowStage s;
  s.a(kS, 1000, 0).a(kS, 5000, 0);
  EXPECT_EQ(s.seen.created, 2) << "another SYN is another attempt";
  EXPECT_EQ(s.seen.weirds, (Names{"SYN_seq_jump"}));
  FlowStage t;
  t.handshake().b(kS | kA, 7000, 1001);
  EXPECT_EQ(t.seen.weirds, (Names{"SYN_seq_jump"}));
  EXPECT_EQ(t.seen.sources[0], "");
  FlowStage u;
  u.handshake().a(kA, 900, 2001, "before the start");
  EXPECT_EQ(u.seen.weirds, (Names{"TCP_seq_underflow_or_misorder"}));
  EXPECT_EQ(u.seen.streams[0], "");
  FlowStage v;
  v.handshake().a(kA, 1001, 1500);
  EXPECT_EQ(v.seen.weirds, (Names{"TCP_ack_underflow_or_misorder"}));
}

TEST(TcpWeird, SynAcks) {
  FlowStage s;
  s.b(kS | kA, 2000, 1001);
  EXPECT_EQ(s.seen.weirds, (Names{"connection_originator_SYN_ack"}));
  FlowStage t;
  t.a(kS, 1000, 0).b(kS | kA, 2000, 5555);
  EXPECT_EQ(t.seen.weirds, (Names{"bad_SYN_ack"}));
  FlowStage u;
  u.a(kS, 1000, 0).b(kS, 1000, 0);
  EXPECT_EQ(u.seen.weirds, (Names{"simultaneous_open"}));
}

TEST(TcpWeird, DataAtTheWrongTime) {
  FlowStage s;
  s.a(kS, 1000, 0).a(kA, 1001, 0, "early");
  EXPECT_EQ(s.seen.weirds, (Names{"possible_split_routing", "data_before_established"}));
  FlowStage t;
  t.handshake().a(kR, 1001, 0).a(kA, 1001, 2001, "late");
  EXPECT_EQ(t.seen.weirds, (Names{"data_after_reset"}));
}

TEST(TcpWeird, Closing) {
  FlowStage s;
  s.handshake().a(kF | kA, 1001, 2001).a(kF | kA, 1002, 2001, "more");
  EXPECT_EQ(s.seen.weirds, (Names{"FIN_advanced_last_seq"}));
  FlowStage t;
  t.handshake().a(kR, 1001, 0).a(kF, 1001, 0);
  EXPECT_EQ(t.seen.weirds, (Names{"FIN_after_reset"}));
}

TEST(TcpWeird, Storms) {
  FlowStage s;
  s.handshake().a(kF | kA, 1001, 2001);
  for (int i = 0; i < 998; i++) s.a(kF | kA, 1001, 2001);
  EXPECT_TRUE(s.seen.weirds.empty());
  s.a(kF | kA, 1001, 2001);
  EXPECT_EQ(s.seen.weirds, (Names{"FIN_storm"}));
  s.at(4).b(kA, 2001, 1002).a(kF | kA, 1001, 2001);
  EXPECT_EQ(s.seen.weirds.size(), 1U) << "not soon after the last one";
  FlowStage t;
  t.handshake().b(kR | kA, 2001, 1001);
  for (int i = 0; i < 998; i++) t.b(kR | kA, 2001, 1001);
  EXPECT_TRUE(t.seen.weirds.empty());
  t.b(kR | kA, 2001, 1001);
  EXPECT_EQ(t.seen.weirds, (Names{"RST_storm"}));
}

TEST(TcpWeird, ResetsAfterTheEndAreAStorm) {
  FlowStage s;
  s.handshake().a(kF | kA, 1001, 2001).b(kF | kA, 2001, 1002);
  for (int i = 0; i < 1000; i++) s.at(1.5 + 0.002 * i).a(kR, 1002, 0);
  EXPECT_EQ(s.seen.weirds.size(), 2U);
  EXPECT_EQ(s.seen.weirds.back(), "RST_storm");
}

TEST(TcpWeird, WindowRecision) {
  FlowStage s;
  s.handshake().a(kA, 1001, 2001);
  s.window = 100;
  s.a(kA, 1001, 2001);
  EXPECT_EQ(s.seen.weirds, (Names{"window_recision"}));
}

TEST(TcpWeird, WindowScale) {
  FlowStage s;
  s.window_scale = 15;
  s.a(kS, 1000, 0);
  EXPECT_EQ(s.seen.weirds, (Names{"TCP_scale_range"}));
  EXPECT_EQ(s.seen.addl[0], "15");
}

TEST(TcpWeird, BrokenHeaders) {
  FlowStage s;
  DecodedPacket p = s.packet(true, ipproto::kTcp, Transport::Tcp, "");
  p.tcp = {.flags = kS, .header_len = 16};
  s.tracker.process({&p, 1});
  p.tcp.header_len = 60;
  p.tcp_cut = true;
  s.tracker.process({&p, 1});
  EXPECT_EQ(s.seen.weirds, (Names{"bad_TCP_header_len", "truncated_header"}));
  const auto e = s.end();
  EXPECT_EQ(e.conn.conn_state, "OTH");
  EXPECT_EQ(e.conn.history, "");
  EXPECT_EQ(e.conn.orig_packets, 0U);
}

TEST(TcpWeird, PayloadCutByTheCapture) {
  FlowStage s;
  s.handshake();
  DecodedPacket p = s.packet(true, ipproto::kTcp, Transport::Tcp, "abcd");
  p.payload_len = 100;
  p.tcp = {.seq = 1001, .ack = 2001, .window = 8192, .flags = kA, .header_len = 20};
  s.tracker.process({&p, 1});
  s.b(kA, 2001, 1101);
  EXPECT_EQ(s.seen.weirds, (Names{"truncated_tcp_payload"}));
  EXPECT_EQ(s.seen.streams[0], "<100>");
  EXPECT_EQ(s.end().conn.orig_bytes, 100U);
}

TEST(TcpWeird, StreamsThatAreGivenUp) {
  FlowConfig config;
  config.tcp_max_above_hole_without_any_acks = 1000;
  FlowStage s(config);
  s.a(kS, 1000, 0).b(kS | kA, 2000, 1001).a(kA, 1011, 2001, std::string(500, 'x'));
  EXPECT_TRUE(s.seen.weirds.empty());
  s.a(kA, 1511, 2001, std::string(600, 'x')).a(kA, 1001, 2001, "0123456789");
  EXPECT_EQ(s.seen.weirds, (Names{"above_hole_data_without_any_acks"}));
  EXPECT_EQ(s.seen.streams[0], "");
  EXPECT_EQ(s.tracker.counters().get(FlowCounter::StreamsGivenUp), 1U);

  FlowConfig small;
  small.tcp_max_unacked = 1000;
  FlowStage t(small);
  t.handshake().a(kA, 1001, 2001, "x").b(kA, 2001, 1002).a(kA, 1002, 2001, std::string(900, 'x'));
  EXPECT_TRUE(t.seen.weirds.empty());
  t.a(kA, 1902, 2001, std::string(200, 'y'));
  EXPECT_EQ(t.seen.weirds, (Names{"excessive_data_without_further_acks"}));
}

TEST(UdpWeird, LengthsThatContradict) {
  FlowStage s;
  s.udp(true, "12345", 10);
  EXPECT_EQ(s.seen.weirds, (Names{"UDP_datagram_length_mismatch"}));
  EXPECT_EQ(s.seen.addl[0], "10 != 13");
  EXPECT_EQ(s.seen.sources[0], "UDP");
  EXPECT_EQ(s.udp(true, "").end().conn.orig_bytes, 2U);
}

TEST(UdpWeird, BadChecksum) {
  FlowStage s;
  s.checksum_ok = false;
  s.udp(true, "x").udp(false, "y");
  EXPECT_EQ(s.seen.weirds, (Names{"bad_UDP_checksum", "bad_UDP_checksum"}));
  const auto e = s.end();
  EXPECT_EQ(e.conn.history, "Cc");
  EXPECT_EQ(e.conn.orig_packets + e.conn.resp_packets, 0U);
  EXPECT_EQ(s.seen.packets, 0);
}

TEST(Icmp, RequestsMeetTheirReplies) {
  FlowStage s;
  s.icmp(true, 8, 0, "ping").icmp(false, 0, 0, "ping!");
  const auto e = s.end();
  EXPECT_EQ(e.orig_port, 8);
  EXPECT_EQ(e.resp_port, 0);
  EXPECT_EQ(e.conn.conn_state, "OTH");
  EXPECT_EQ(e.conn.history, "");
  EXPECT_EQ(e.conn.orig_bytes, 4U);
  EXPECT_EQ(e.conn.resp_bytes, 5U);
  EXPECT_EQ(e.conn.resp_packets, 1U);
}

TEST(Icmp, ErrorsGoOneWay) {
  FlowStage s;
  s.icmp(true, 3, 3, "unreachable").icmp(false, 3, 3, "unreachable");
  const auto& rows = s.end_all();
  ASSERT_EQ(rows.size(), 2U);
  for (const auto& r : rows) {
    EXPECT_EQ(r.orig_port, 3);
    EXPECT_EQ(r.resp_port, 3);
    EXPECT_EQ(r.conn.resp_packets, 0U);
  }
}

TEST(Icmp, NeighbourDiscovery) {
  FlowStage s;
  s.host_a = *IpAddress::parse("fe80::1");
  s.host_b = *IpAddress::parse("fe80::2");
  s.icmp(true, 135, 0, "who", ipproto::kIcmpv6).icmp(false, 136, 0, "me", ipproto::kIcmpv6);
  const auto e = s.end();
  EXPECT_EQ(e.orig_port, 135);
  EXPECT_EQ(e.resp_port, 136);
  EXPECT_EQ(e.conn.ip_proto, 58);
}

TEST(Icmp, MessageCutByTheCaptureIsNotCounted) {
  FlowStage s;
  DecodedPacket p = s.packet(true, ipproto::kIcmp, Transport::Icmp, "abcd");
  p.icmp_type = 8;
  p.payload_len = 100;
  s.tracker.process({&p, 1});
  s.tracker.process({&p, 1});
  const auto e = s.end();
  EXPECT_EQ(e.conn.orig_packets, 0U);
  EXPECT_EQ(e.conn.orig_bytes, 200U);
}

TEST(UnknownTransport, HasNeitherPortsNorHistory) {
  FlowStage s;
  DecodedPacket p = s.packet(true, 89, Transport::Unknown, "ospf");
  s.tracker.process({&p, 1});
  p = s.packet(false, 89, Transport::Unknown, "ospf");
  s.tracker.process({&p, 1});
  const auto e = s.end();
  EXPECT_EQ(e.orig_port, 0);
  EXPECT_EQ(e.resp_port, 0);
  EXPECT_EQ(e.conn.conn_state, "OTH");
  EXPECT_EQ(e.conn.history, "");
  EXPECT_TRUE(e.conn.has_duration);
  EXPECT_EQ(e.conn.orig_bytes, 0U);
  EXPECT_EQ(e.conn.orig_packets, 1U);
  EXPECT_EQ(e.conn.resp_packets, 1U);
}

}  // namespace
}  // namespace sensor
