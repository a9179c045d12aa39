// TCP, UDP, ICMP and other protocols over IP.
#include "decode_fixture.h"

namespace sensor {
namespace {

using namespace test;

class Transports : public DecodeTest {};

TEST_F(Transports, Tcp) {
  TcpFields f{
      .src_port = 51000, .dst_port = 443, .seq = 0x01020304, .ack = 0x05060708, .flags = tcpflag::kPsh | tcpflag::kAck, .window = 8192};
  ASSERT_EQ(decode(tcp_frame(f, chars("hello"))), DecodeStatus::Packet);
  EXPECT_EQ(p_.transport, Transport::Tcp);
  EXPECT_EQ(p_.tuple, (FiveTuple{*IpAddress::parse(kA), *IpAddress::parse(kB), 51000, 443, ipproto::kTcp}));
  EXPECT_EQ(p_.tcp.seq, 0x01020304u);
  EXPECT_EQ(p_.tcp.ack, 0x05060708u);
  EXPECT_EQ(p_.tcp.flags, tcpflag::kPsh | tcpflag::kAck);
  EXPECT_EQ(p_.tcp.window, 8192);
  EXPECT_EQ(p_.tcp.header_len, 20);
  EXPECT_EQ(p_.tcp.window_scale, -1);
  EXPECT_TRUE(p_.checksum_ok);
  EXPECT_EQ(payload(), "hello");
  EXPECT_EQ(p_.payload_len, 5u);
  EXPECT_EQ(p_.ip_len, 45u);
  EXPECT_EQ(p_.ttl, 64);
  EXPECT_EQ(p_.udp_len, -1);
  EXPECT_TRUE(p_.has_mac);
  EXPECT_EQ(p_.src_mac[5], 1);
  EXPECT_EQ(p_.dst_mac[5], 2);
  EXPECT_EQ(weirds(), none());
}

TEST_F(Transports, ChecksumsThatTheCardFillsInLaterAreNotLookedAt) {
  Octets frame = tcp_frame({}, chars("hello"));
  frame[50] ^= 0xff;  // the checksum
  kept_ = frame;
  PacketView v = packet(kept_, LinkType::Ethernet);
  ASSERT_EQ(decoder_.decode(v, p_), DecodeStatus::Packet);
  EXPECT_FALSE(p_.checksum_ok);
  EXPECT_FALSE(p_.checksums_pending);
  v.checksums_pending = true;
  ASSERT_EQ(decoder_.decode(v, p_), DecodeStatus::Packet);
  EXPECT_TRUE(p_.checksum_ok);
  EXPECT_TRUE(p_.checksums_pending);
}

TEST_F(Transports, WindowScaleOfASyn) {
  TcpFields f{.flags = tcpflag::kSyn, .options = {2, 4, 5, 180, 1, 3, 3, 7}};
  ASSERT_EQ(decode(tcp_frame(f, {})), DecodeStatus::Packet);
  EXPECT_EQ(p_.tcp.window_scale, 7);
  EXPECT_EQ(p_.tcp.header_len, 28);
  f.options = {3, 3, 200, 0};
  decode(tcp_frame(f, {}));
  EXPECT_EQ(p_.tcp.window_scale, 200) << "as the packet says";
  for (const Octets& bad : {Octets{3, 1, 7, 0}, Octets{3, 2, 7, 7}, Octets{3, 0, 3, 3, 7, 0, 0, 0}, Octets{0, 3, 3, 7}, Octets{1, 1, 1, 3},
                            Octets{8, 10, 3, 3}}) {
    f.options = bad;
    ASSERT_EQ(decode(tcp_frame(f, {})), DecodeStatus::Packet);
    EXPECT_EQ(p_.tcp.window_scale, -1);
  }
  for (const Octets& odd : {Octets{3, 4, 7, 7}, Octets{3, 1, 3, 3, 7, 0, 0, 0}}) {  // as Zeek takes them
    f.options = odd;
    ASSERT_EQ(decode(tcp_frame(f, {})), DecodeStatus::Packet);
    EXPECT_EQ(p_.tcp.window_scale, 7);
  }
}

TEST_F(Transports, PaddingOfShortFramesIsNotPayload) {
  ASSERT_EQ(decode(tcp_frame({}, chars("x")) + octets(5)), DecodeStatus::Packet);
  EXPECT_EQ(payload(), "x");
  EXPECT_EQ(p_.payload_len, 1u);
}

TEST_F(Transports, TcpHeaderThatContradicts) {
  ASSERT_EQ(decode(tcp_frame({.header_words = 4})), DecodeStatus::Packet);
  EXPECT_EQ(p_.tcp.header_len, 16);
  EXPECT_FALSE(p_.tcp_cut);
  EXPECT_EQ(p_.payload_len, 0u);
  ASSERT_EQ(decode(tcp_frame({.header_words = 15})), DecodeStatus::Packet);
  EXPECT_TRUE(p_.tcp_cut);
  EXPECT_TRUE(p_.payload.empty());
  EXPECT_EQ(count(DecodeCounter::BadTcpHeaderLen), 1u);
  EXPECT_EQ(count(DecodeCounter::TruncatedHeader), 1u);
  ASSERT_EQ(decode(tcp_frame()), DecodeStatus::Packet);
  EXPECT_FALSE(p_.tcp_cut) << "not left over from the packet before";
}

TEST_F(Transports, ChecksumsAreVerified) {
  for (const Octets& good :
       {tcp_frame(), ethernet(0x0800, ipv4(17, udp(1, 2, chars("odd")))), ethernet(0x0800, ipv4(1, icmp(8, 0, chars("x")))),
        ethernet(0x86dd, ipv6(58, icmpv6(128, 0, chars("abc")))), ethernet(0x86dd, ipv6(6, tcp({}, chars("a"), kA6, kB6))),
        ethernet(0x86dd, ipv6(17, udp(1, 2, chars("a"), kA6, kB6)))}) {
    ASSERT_EQ(decode(good), DecodeStatus::Packet);
    EXPECT_TRUE(p_.checksum_ok);
    Octets bad = good;
    bad.back() ^= 1;
    ASSERT_EQ(decode(bad), DecodeStatus::Packet);
    EXPECT_FALSE(p_.checksum_ok);
    ASSERT_EQ(decode_cut(bad, bad.size() - 1), DecodeStatus::Packet);
    EXPECT_TRUE(p_.checksum_ok) << "cannot be told when the capture cut the packet";
    Decoder lenient({.ignore_checksums = true}, &counters_);
    ASSERT_EQ(lenient.decode(packet(bad), p_), DecodeStatus::Packet);
    EXPECT_TRUE(p_.checksum_ok);
  }
}

TEST_F(Transports, UdpWithoutChecksum) {
  Octets d = udp(1, 2, chars("abc"));
  put16(d, 6, 0);
  decode(ethernet(0x0800, ipv4(17, d)));
  EXPECT_TRUE(p_.checksum_ok);
  decode(ethernet(0x86dd, ipv6(17, d)));
  EXPECT_FALSE(p_.checksum_ok) << "not optional over IPv6 (RFC 8200 section 8.1)";
}

TEST_F(Transports, UdpLengthThatContradicts) {
  Octets d = u16(5) + u16(6) + u16(100) + u16(0) + chars("abc");
  ASSERT_EQ(decode(ethernet(0x0800, ipv4(17, d))), DecodeStatus::Packet);
  EXPECT_EQ(p_.udp_len, 100);
  EXPECT_EQ(p_.payload_len, 3u);
  EXPECT_EQ(payload(), "abc");
  EXPECT_EQ(count(DecodeCounter::UdpLenMismatch), 1u);
}

TEST_F(Transports, Icmp) {
  ASSERT_EQ(decode(ethernet(0x0800, ipv4(1, icmp(3, 1, chars("context"))))), DecodeStatus::Packet);
  EXPECT_EQ(p_.transport, Transport::Icmp);
  EXPECT_EQ(p_.icmp_type, 3);
  EXPECT_EQ(p_.icmp_code, 1);
  EXPECT_EQ(payload(), "context");
  EXPECT_EQ(p_.tuple.src_port, 0);
}

TEST_F(Transports, OtherProtocolsHaveNoPorts) {
  ASSERT_EQ(decode(ethernet(0x0800, ipv4(ipproto::kIgmp, chars("x")))), DecodeStatus::Packet);
  EXPECT_EQ(p_.transport, Transport::Unknown);
  EXPECT_EQ(p_.tuple.ip_proto, ipproto::kIgmp);
  EXPECT_EQ(p_.tuple.src_port, 0);
  EXPECT_EQ(p_.payload_len, 1u);
  ASSERT_EQ(decode(ethernet(0x0800, ipv4(ipproto::kEsp, {}) + octets(6))), DecodeStatus::Packet) << "ESP over IPv4 is a connection";
  EXPECT_EQ(p_.payload_len, 6u) << "nothing by the IP header: then it is what was captured, as in Zeek";
}

TEST_F(Transports, HeadersCutByTheIpLength) {
  EXPECT_EQ(decode(ethernet(0x0800, ipv4(6, octets(19)))), DecodeStatus::Nothing);
  EXPECT_EQ(weirds(), one("truncated_header/TCP"));
  ASSERT_FALSE(p_.weirds.empty());
  EXPECT_EQ(p_.weirds.begin()->kind, DecodeWeird::Kind::Flow);
  EXPECT_EQ(p_.weirds.begin()->src, *IpAddress::parse(kA));
  decode(ethernet(0x0800, ipv4(17, octets(7))));
  EXPECT_EQ(weirds(), one("truncated_header/UDP"));
  decode(ethernet(0x0800, ipv4(1, octets(7))));
  EXPECT_EQ(weirds(), one("truncated_header/ICMP"));
  decode(ethernet(0x0800, ipv4(1, {})));
  EXPECT_EQ(weirds(), one("internally_truncated_header/ICMP"));
}

TEST_F(Transports, EveryCaptureLengthGivesAnOutcome) {
  const Octets frames[] = {tcp_frame({.flags = tcpflag::kSyn, .options = {3, 3, 7, 0}}),
                           ethernet(0x0800, ipv4(17, udp(1, 2, chars("abc")))), ethernet(0x0800, ipv4(1, icmp(8, 0, chars("abc")))),
                           ethernet(0x86dd, ipv6(58, icmpv6(128, 0, chars("abc"))))};
  uint64_t calls = 0;
  for (const Octets& f : frames)
    for (size_t n = 0; n <= f.size(); n++) {
      const DecodeStatus s = decode_cut(f, n);
      calls++;
      EXPECT_EQ(outcomes(), calls);
      if (s != DecodeStatus::Packet) {
        EXPECT_EQ(p_.weirds.size(), 1u) << n;
      } else {
        EXPECT_TRUE(p_.weirds.empty()) << n;
        EXPECT_LE(p_.payload.size(), p_.payload_len);
      }
      if (n == f.size()) {
        EXPECT_EQ(s, DecodeStatus::Packet);
      }
    }
}

}  // namespace
}  // namespace sensor
