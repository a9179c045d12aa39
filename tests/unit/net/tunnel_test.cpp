// Tunnels directly over IP.
#include "decode_fixture.h"

namespace sensor {
namespace {

using namespace test;

constexpr std::string_view kOuterA = "192.0.2.1", kOuterB = "192.0.2.2", kOuterA6 = "2001:db8:f::1", kOuterB6 = "2001:db8:f::2";

class Tunnel : public DecodeTest {
 protected:
  const Octets inner4_ = ipv4(ipproto::kUdp, udp(1, 2, chars("abc")));
  const Octets inner6_ = ipv6(ipproto::kUdp, udp(1, 2, chars("abc"), kA6, kB6));
  const Octets frame_ = ethernet(0x0800, inner4_);

  static Octets outer(uint8_t proto, const Octets& payload) { return ipv4(proto, payload, kOuterA, kOuterB); }
  static Octets gre(uint16_t flags, uint16_t protocol, const Octets& rest) {
    return outer(ipproto::kGre, u16(flags) + u16(protocol) + rest);
  }

  void expect_inner(const Octets& packet, TunnelType type, size_t depth = 1) {
    ASSERT_EQ(decode(packet, LinkType::RawIp), DecodeStatus::Packet);
    EXPECT_EQ(payload(), "abc");
    EXPECT_EQ(p_.tunnel, type);
    EXPECT_EQ(weirds(), none());
    ASSERT_EQ(p_.tunnels().size(), depth);
    const Encapsulation& e = p_.tunnels().back();
    EXPECT_EQ(e.type, type);
    EXPECT_EQ(e.src_port, 0);
    for (size_t n = 0; n < packet.size(); n++) {
      const uint64_t before = outcomes();
      decode_cut(packet, n, LinkType::RawIp);
      EXPECT_EQ(outcomes(), before + 1) << n;
    }
    decode(packet, LinkType::RawIp);
  }
  void expect_weird(const Octets& packet, const std::string& weird, std::string_view addl = {}) {
    EXPECT_EQ(decode(packet, LinkType::RawIp), DecodeStatus::Nothing);
    EXPECT_EQ(weirds(), one(weird));
    if (!p_.weirds.empty()) {
      EXPECT_EQ(p_.weirds.begin()->addl.view(), addl);
    }
  }
};

TEST_F(Tunnel, IpInIp) {
  expect_inner(outer(4, inner4_), TunnelType::Ip);
  EXPECT_EQ(p_.tunnels()[0].src.to_string(), kOuterA);
  EXPECT_EQ(p_.tunnels()[0].dst.to_string(), kOuterB);
  EXPECT_EQ(p_.tunnels()[0].ip_proto, 4);
  EXPECT_EQ(p_.tuple.src.to_string(), kA);
  expect_inner(outer(41, inner6_), TunnelType::Ip);
  EXPECT_EQ(p_.tunnels()[0].ip_proto, 41);
  expect_inner(ipv6(41, inner6_, kOuterA6, kOuterB6), TunnelType::Ip);
  expect_inner(ipv6(4, inner4_, kOuterA6, kOuterB6), TunnelType::Ip);
  expect_inner(outer(4, outer(4, outer(4, outer(4, inner4_)))), TunnelType::Ip, 4);
}

TEST_F(Tunnel, LinkLayerStaysOutside) {
  ASSERT_EQ(decode(ethernet(0x8100, vlan_tag(7, 0x0800, outer(4, inner4_)))), DecodeStatus::Packet);
  EXPECT_EQ(p_.vlan, 0);
  EXPECT_FALSE(p_.has_mac);
}

TEST_F(Tunnel, DepthHasALimit) {
  const Octets deep = outer(4, outer(4, outer(4, outer(4, outer(4, inner4_)))));
  expect_weird(deep, "exceeded_tunnel_max_depth_in_tunnel/IPTUNNEL");
  EXPECT_EQ(p_.tunnel_depth, 4);
}

TEST_F(Tunnel, InnerIpMustFitExactly) {
  expect_weird(outer(4, inner6_), "invalid_inner_IP_version/IPTUNNEL");
  EXPECT_EQ(p_.weirds.begin()->kind, DecodeWeird::Kind::Flow);
  EXPECT_EQ(p_.weirds.begin()->src.to_string(), kOuterA);
  expect_weird(outer(41, inner4_), "truncated_inner_IP/IPTUNNEL");
  expect_weird(outer(41, inner4_ + octets(40)), "invalid_inner_IP_version/IPTUNNEL");
  expect_weird(outer(4, octets(19, 0x45)), "invalid_inner_IP_version/IPTUNNEL");
  expect_weird(outer(4, inner4_ + octets(1)), "inner_IP_payload_length_mismatch/IPTUNNEL");
  Octets cut = inner4_;
  cut.pop_back();
  expect_weird(outer(4, cut), "truncated_inner_IP/IPTUNNEL");
  EXPECT_EQ(decode(ethernet(0x0800, outer(4, inner4_)) + octets(6)), DecodeStatus::Nothing) << "padding of the frame counts, as in Zeek";
  EXPECT_EQ(weirds(), one("inner_IP_payload_length_mismatch/IPTUNNEL"));
}

TEST_F(Tunnel, WeirdsInsideHaveTheSuffix) {
  Octets bad = inner4_;
  bad[10] ^= 1;
  expect_weird(outer(4, bad), "bad_IP_checksum_in_tunnel/IP");
  expect_weird(outer(4, outer(4, octets(19, 0x45))), "invalid_inner_IP_version_in_tunnel/IPTUNNEL");
}

TEST_F(Tunnel, Gre) {
  expect_inner(gre(0, 0x0800, inner4_), TunnelType::Gre);
  EXPECT_EQ(p_.tunnels()[0].ip_proto, ipproto::kGre);
  expect_inner(gre(0, 0x86dd, inner6_), TunnelType::Gre);
  expect_inner(gre(0x8000, 0x0800, u32(0) + inner4_), TunnelType::Gre);
  expect_inner(gre(0xb000, 0x0800, u32(0) + u32(7) + u32(1) + inner4_), TunnelType::Gre);
  expect_inner(gre(0, 0x6558, frame_), TunnelType::Gre);
  EXPECT_TRUE(p_.has_mac);
}

TEST_F(Tunnel, GreErspan) {
  expect_inner(gre(0, 0x88be, frame_), TunnelType::Gre);
  expect_inner(gre(0x1000, 0x88be, u32(1) + octets(8) + frame_), TunnelType::Gre);
  expect_inner(gre(0x1000, 0x22eb, u32(1) + octets(12) + frame_), TunnelType::Gre);
  expect_inner(gre(0x1000, 0x22eb, u32(1) + octets(11) + Octets{1} + octets(8) + frame_), TunnelType::Gre);
}

TEST_F(Tunnel, GrePptp) {
  const auto pptp = [](uint16_t flags, const Octets& optional, uint16_t protocol, const Octets& payload) {
    return gre(static_cast<uint16_t>(flags | 0x2001), 0x880b, u32(5) + optional + u16(0xff03) + u16(protocol) + payload);
  };
  expect_inner(pptp(0x1000, u32(1), 0x0021, inner4_), TunnelType::Gre);
  expect_inner(pptp(0x1080, u32(1) + u32(2), 0x0057, inner6_), TunnelType::Gre);
  expect_weird(pptp(0x1000, u32(1), 0xc021, inner4_), "non_ip_packet_in_encap/GRE");
  expect_weird(pptp(0x1000, u32(1), 0x0021, inner4_ + octets(1)), "inner_IP_payload_length_mismatch/IPTUNNEL");
  expect_weird(gre(0x2001, 0x0800, u32(5) + inner4_), "egre_protocol_type/GRE", "proto=2048");
}

TEST_F(Tunnel, GreAruba) {
  const Octets wifi = Octets{8, 0} + octets(22) + Octets{0xaa, 0xaa, 3, 0, 0, 0} + u16(0x0800) + inner4_;
  for (const uint16_t type : {0x8200, 0x8210, 0x8370, 0x9000}) expect_inner(gre(0, type, wifi), TunnelType::Gre);
  expect_weird(gre(0, 0x8200, {}), "truncated_GRE/GRE");
}

TEST_F(Tunnel, GreOddities) {
  expect_weird(outer(ipproto::kGre, octets(3)), "truncated_GRE/GRE");
  expect_weird(gre(2, 0x0800, inner4_), "unknown_gre_version/GRE", "version=2");
  expect_weird(gre(0x4000, 0x0800, inner4_), "gre_routing/GRE");
  expect_weird(gre(0x0008, 0x0800, inner4_), "unknown_gre_flags/GRE");
  expect_weird(gre(0xb000, 0x0800, octets(8)), "truncated_GRE/GRE");
  for (const uint16_t type : {0x6558, 0x88be, 0x22eb}) expect_weird(gre(0, type, octets(14)), "truncated_GRE/GRE");
  expect_weird(gre(0x1000, 0x22eb, u32(1) + octets(11) + Octets{1} + octets(15)), "truncated_GRE/GRE");
  expect_weird(gre(0, 0x883e, octets(40)), "unknown_ip_version_in_tunnel/IP");
}

}  // namespace
}  // namespace sensor
