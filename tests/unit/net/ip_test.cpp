// IPv4, IPv6 and its extension headers.
#include "decode_fixture.h"

namespace sensor {
namespace {

using namespace test;

class Ip : public DecodeTest {
 protected:
  std::vector<std::string> weirds_of(const Octets& ip, DecodeStatus expected = DecodeStatus::Nothing) {
    EXPECT_EQ(decode(ip, LinkType::RawIp), expected);
    return weirds();
  }
  const Octets udp4_ = udp(1, 2, chars("abc"));
  const Octets udp6_ = udp(1, 2, chars("abc"), kA6, kB6);
};

TEST_F(Ip, Options) {
  ASSERT_EQ(decode(ipv4(17, udp4_, kA, kB, {.ttl = 3, .options = {1, 1, 1, 0}}), LinkType::RawIp), DecodeStatus::Packet);
  EXPECT_EQ(payload(), "abc");
  EXPECT_EQ(p_.ttl, 3);
  EXPECT_EQ(p_.ip_len, 35u);
  ASSERT_EQ(decode(ipv4(17, udp4_, kA, kB, {.options = octets(40, 1)}), LinkType::RawIp), DecodeStatus::Packet);
  EXPECT_EQ(payload(), "abc");
}

TEST_F(Ip, HeadersThatCannotBe) {
  EXPECT_EQ(weirds_of(octets(19, 0x45)), one("truncated_IP/IP"));
  EXPECT_EQ(weirds_of(octets(39, 0x60)), one("truncated_IP/IP"));
  EXPECT_EQ(weirds_of(octets(40, 0x10)), one("unknown_ip_version/IP"));
  EXPECT_EQ(weirds_of(ipv4(17, udp4_, kA, kB, {.header_words = 4})), one("IPv4_min_header_size/IP"));
  EXPECT_EQ(weirds_of(ipv4(17, udp4_, kA, kB, {.total_len = 19})), one("invalid_IP_header_size/IP"));
  EXPECT_EQ(weirds_of(ipv4(17, udp4_, kA, kB, {.total_len = 200})), one("truncated_IP_len/IP"));
  EXPECT_EQ(weirds_of(ipv4(17, udp4_, kA, kB, {.header_words = 15})), one("invalid_IP_header_size/IP"));
  EXPECT_EQ(decode_cut(ipv4(17, octets(60), kA, kB, {.header_words = 15}), 40, LinkType::RawIp), DecodeStatus::Nothing);
  EXPECT_EQ(weirds(), one("internally_truncated_header/IP"));
}

TEST_F(Ip, HeaderChecksum) {
  Octets bad = ipv4(17, udp4_);
  bad[10] ^= 1;
  EXPECT_EQ(weirds_of(bad), one("bad_IP_checksum/IP"));
  EXPECT_EQ(p_.weirds.begin()->kind, DecodeWeird::Kind::Flow);
  Decoder lenient({.ignore_checksums = true}, &counters_);
  EXPECT_EQ(lenient.decode(packet(bad, LinkType::RawIp), p_), DecodeStatus::Packet);
}

TEST_F(Ip, LengthZeroIsSegmentationOffload) {
  const Octets frame = ethernet(0x0800, ipv4(6, tcp({}, octets(3000, 'x')), kA, kB, {.total_len = 0}));
  EXPECT_EQ(decode(frame), DecodeStatus::Nothing);
  EXPECT_EQ(weirds(), one("ip_hdr_len_zero/IP"));
  Decoder lenient({.ignore_checksums = true}, &counters_);
  ASSERT_EQ(lenient.decode(packet(frame), p_), DecodeStatus::Packet);
  EXPECT_EQ(weirds(), one("ip_hdr_len_zero/IP"));
  EXPECT_EQ(p_.payload_len, 3000u);
  EXPECT_EQ(p_.payload.size(), 3000u);
  EXPECT_EQ(p_.ip_len, 0u) << "what Zeek counts";
}

TEST_F(Ip, CaptureCutsThePayload) {
  const Octets whole = ipv4(6, tcp({}, octets(1000)));
  ASSERT_EQ(decode_cut(whole, 100, LinkType::RawIp), DecodeStatus::Packet);
  EXPECT_EQ(p_.payload.size(), 60u);
  EXPECT_EQ(p_.payload_len, 1000u);
  EXPECT_EQ(p_.ip_len, 1040u);
  EXPECT_EQ(p_.ip.size(), 100u);
}

TEST_F(Ip, MappedAddressesCountAsIpv4) {
  const Octets mapped = octets(10) + octets(2, 0xff) + address(kA);
  ASSERT_EQ(decode(Octets{0x60, 0, 0, 0} + u16(4) + Octets{99, 64} + mapped + address(kB6) + octets(4), LinkType::RawIp),
            DecodeStatus::Packet);
  EXPECT_TRUE(p_.tuple.src.is_v4());
  EXPECT_EQ(p_.ip_version, 6);
}

TEST_F(Ip, ExtensionHeaders) {
  const Octets chain = extension(ipproto::kRouting, {5, 2, 0, 0, 0, 0}) +        // hop-by-hop
                       extension(ipproto::kDstOpts, Octets{4, 0} + octets(4)) +  // routing, unknown type
                       extension(ipproto::kAh, {}) +                             // destination options
                       Octets{17, 4, 0, 0} + octets(20);                         // AH: 8 + 4 * 4 bytes
  ASSERT_EQ(decode(ipv6(ipproto::kHopOpts, chain + udp6_), LinkType::RawIp), DecodeStatus::Packet);
  EXPECT_EQ(p_.tuple.ip_proto, 17);
  EXPECT_EQ(payload(), "abc");
  EXPECT_EQ(weirds(), one("unknown_routing_type/"));
  EXPECT_EQ(p_.weirds.begin()->addl.view(), "4");
}

TEST_F(Ip, ExtensionHeadersCut) {
  const Octets whole = ipv6(ipproto::kHopOpts, extension(ipproto::kDstOpts, octets(22)) + extension(17, octets(14)) + udp6_);
  for (size_t n = 40; n < whole.size(); n++) {
    const DecodeStatus s = decode_cut(whole, n, LinkType::RawIp);
    // A header that is cut is not followed: what is left is a connection of that header's type.
    if (s == DecodeStatus::Packet && n < 40 + 24 + 16) {
      EXPECT_EQ(p_.transport, Transport::Unknown) << n;
    }
  }
  EXPECT_EQ(weirds_of(ipv6(ipproto::kHopOpts, extension(17, octets(30)) + udp6_, kA6, kB6, 10)), one("invalid_IP_header_size/IP"));
}

TEST_F(Ip, RoutingHeaders) {
  const auto routing = [](uint8_t type, uint8_t segments, size_t addresses, size_t more = 0) {
    Octets data = Octets{type, segments} + octets(4);
    for (size_t i = 0; i < addresses; i++) data = data + address("2001:db8::77");
    return extension(17, data + octets(more));
  };
  const Octets to_last = udp(1, 2, chars("abc"), kA6, "2001:db8::77");
  EXPECT_EQ(weirds_of(ipv6(ipproto::kRouting, routing(0, 1, 2) + to_last), DecodeStatus::Packet), one("routing0_hdr/"));
  EXPECT_EQ(p_.tuple.dst.to_string(), "2001:db8::77");
  EXPECT_TRUE(p_.checksum_ok) << "taken over the final destination";
  EXPECT_EQ(p_.weirds.begin()->dst.to_string(), "2001:db8::77");
  EXPECT_EQ(weirds_of(ipv6(ipproto::kRouting, routing(0, 0, 2) + udp6_), DecodeStatus::Packet), one("routing0_hdr/"));
  EXPECT_EQ(p_.tuple.dst.to_string(), kB6) << "no segments left";
  EXPECT_EQ(weirds_of(ipv6(ipproto::kRouting, routing(0, 1, 1, 8) + udp6_), DecodeStatus::Packet),
            (std::vector<std::string>{"odd_routing0_len/", "routing0_hdr/"}));
  EXPECT_EQ(weirds_of(ipv6(ipproto::kRouting, routing(2, 1, 1) + to_last), DecodeStatus::Packet), none());
  EXPECT_EQ(p_.tuple.dst.to_string(), "2001:db8::77");
  EXPECT_EQ(weirds_of(ipv6(ipproto::kRouting, routing(2, 1, 2) + udp6_), DecodeStatus::Packet), one("bad_routing2_len/"));
  Octets twice = routing(2, 1, 1);
  twice[0] = ipproto::kRouting;
  EXPECT_EQ(weirds_of(ipv6(ipproto::kRouting, twice + routing(2, 1, 1) + to_last), DecodeStatus::Packet), one("multiple_routing_headers/"));
}

TEST_F(Ip, HomeAddress) {
  const auto home = [](const char* a) { return Octets{201, 16} + address(a); };
  const Octets from_home = udp(1, 2, chars("abc"), "2001:db8::99", kB6);
  const auto with = [](const Octets& options, const Octets& payload) { return ipv6(ipproto::kDstOpts, extension(17, options) + payload); };
  EXPECT_EQ(weirds_of(with(Octets{1, 2, 0, 0} + home("2001:db8::99"), from_home), DecodeStatus::Packet), none());
  EXPECT_EQ(p_.tuple.src.to_string(), "2001:db8::99");
  EXPECT_TRUE(p_.checksum_ok);
  EXPECT_EQ(weirds_of(with(home("2001:db8::99") + home("2001:db8::98"), from_home), DecodeStatus::Packet), one("multiple_home_addr_opts/"));
  EXPECT_EQ(p_.tuple.src.to_string(), "2001:db8::99");
  EXPECT_EQ(weirds_of(with({201, 4, 0, 0, 0, 0}, udp6_), DecodeStatus::Packet), one("bad_home_addr_len/"));
  EXPECT_EQ(weirds_of(with({5, 200, 0, 0, 0, 0}, udp6_), DecodeStatus::Packet), one("bad_ipv6_dest_opt_len/"));
  EXPECT_EQ(weirds_of(with({0, 0, 0, 0, 0, 5}, udp6_), DecodeStatus::Packet), one("bad_ipv6_dest_opt_len/"));
}

TEST_F(Ip, WhatEndsTheChain) {
  EXPECT_EQ(weirds_of(ipv6(ipproto::kEsp, octets(32))), none());
  EXPECT_EQ(count(DecodeCounter::EspPackets), 1u);
  EXPECT_EQ(weirds_of(ipv6(ipproto::kNoNext, octets(4))), one("ipv6_no_next/IP"));
  EXPECT_EQ(count(DecodeCounter::EmptyPackets), 1u);
}

TEST_F(Ip, Mobility) {
  Octets message = with_checksum(Octets{ipproto::kNoNext, 0, 0, 0, 0, 0, 0, 0}, 4, kA6, kB6, ipproto::kMobility);
  EXPECT_EQ(weirds_of(ipv6(ipproto::kMobility, message)), none());
  EXPECT_EQ(count(DecodeCounter::MobilityPackets), 1u);
  message[5] ^= 1;
  EXPECT_EQ(weirds_of(ipv6(ipproto::kMobility, message)), one("bad_MH_checksum/IP"));
  const Octets piggyback = with_checksum(Octets{17, 0, 0, 0, 0, 0, 0, 0}, 4, kA6, kB6, ipproto::kMobility);
  EXPECT_EQ(weirds_of(ipv6(ipproto::kMobility, piggyback + udp6_)), one("mobility_piggyback/IP"));
}

TEST_F(Ip, CounterTableIsComplete) {
  for (size_t i = 0; i < DecodeCounters::kSize; i++) {
    const CounterInfo& info = counter_info(static_cast<DecodeCounter>(i));
    EXPECT_FALSE(info.name.empty());
    EXPECT_FALSE(info.help.empty());
  }
  EXPECT_EQ(weird_name(DecodeCounter::TruncatedIp, false), "truncated_IP");
  EXPECT_EQ(weird_name(DecodeCounter::TruncatedIp, true), "truncated_IP_in_tunnel");
  EXPECT_EQ(counter_info(DecodeCounter::DecodedPackets).name, "decoded_packets");
}

}  // namespace
}  // namespace sensor
