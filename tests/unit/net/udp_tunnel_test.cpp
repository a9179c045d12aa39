// Tunnels over UDP: the carrier is decoded first, then its payload.
#include "decode_fixture.h"

namespace sensor {
namespace {

using namespace test;

class UdpTunnels : public DecodeTest {
 protected:
  const Octets inner4_ = ipv4(ipproto::kUdp, udp(1, 2, chars("abc")));
  const Octets inner6_ = ipv6(ipproto::kUdp, udp(1, 2, chars("abc"), kA6, kB6));
  const Octets teredo6_ = ipv6(ipproto::kUdp, udp(1, 2, chars("abc"), "2001::1", kB6), "2001::1", kB6);
  const Octets frame_ = ethernet(0x0800, inner4_);

  /// Sends a payload from the client to this port (or back), on the same connection as before.
  const UdpTunnelResult& send(uint16_t port, const Octets& payload, bool from_orig = true, std::string_view src = kA) {
    const std::string_view dst = kB;
    EXPECT_EQ(
        decode(ipv4(17, from_orig ? udp(5000, port, payload, src, dst) : udp(port, 5000, payload, src, dst), src, dst), LinkType::RawIp),
        DecodeStatus::Packet);
    return tunnel(port, from_orig);
  }
  const UdpTunnelResult& tunnel(uint16_t port, bool from_orig = true) {
    const Encapsulation carrier{
        .src = *IpAddress::parse(kA), .dst = *IpAddress::parse(kB), .src_port = 5000, .dst_port = port, .owner_hi = 4711};
    result_ = decoder_.decode_udp_tunnel(p_, carrier, from_orig, state_, inner_);
    return result_;
  }
  void expect_inner(TunnelType type) {
    ASSERT_EQ(result_.status, DecodeStatus::Packet);
    EXPECT_EQ(as_chars(inner_.payload), "abc");
    EXPECT_EQ(inner_.tunnel, type);
    ASSERT_EQ(inner_.tunnels().size(), 1u);
    const Encapsulation& e = inner_.tunnels()[0];
    EXPECT_EQ(e.type, type);
    EXPECT_EQ(e.src_port, 5000);
    EXPECT_EQ(e.ip_proto, ipproto::kUdp);
    EXPECT_EQ(e.owner_hi, 4711u) << "the session's mark is carried along";
    EXPECT_EQ(inner_.ts_ns, kSecond);
  }
  std::vector<std::string> inner_weirds() const {
    std::vector<std::string> out;
    for (const DecodeWeird& w : inner_.weirds) out.push_back(std::string(w.name()) + "/" + std::string(w.source));
    return out;
  }
  /// Every prefix of a tunnel's payload is read, captured short and sent short.
  void expect_prefixes_are_safe(uint16_t port, const Octets& payload) {
    const Octets whole = ipv4(17, udp(5000, port, payload));
    for (size_t n = 0; n < payload.size(); n++) {
      state_ = {};
      send(port, {payload.begin(), payload.begin() + static_cast<ptrdiff_t>(n)});
      if (result_.status == DecodeStatus::Packet) {
        EXPECT_LE(inner_.payload.size(), n);
      }
      state_ = {};
      if (decode_cut(whole, 28 + n, LinkType::RawIp) == DecodeStatus::Packet) tunnel(port);
    }
    state_ = {};
  }

  UdpTunnelState state_;
  UdpTunnelResult result_;
  DecodedPacket inner_;
};

TEST_F(UdpTunnels, OrdinaryPayloadsAreNone) {
  EXPECT_EQ(send(53, chars("a question of more than forty bytes, which is nothing at all")).tunnel, UdpTunnel::None);
  EXPECT_EQ(send(9999, {}).tunnel, UdpTunnel::None);
  EXPECT_EQ(state_.confirmed, 0);
}

TEST_F(UdpTunnels, Vxlan) {
  const Octets payload = Octets{8, 0, 0, 0, 0, 1, 2, 0} + frame_;
  EXPECT_TRUE(send(4789, payload).confirmed);
  EXPECT_EQ(result_.service, "vxlan");
  expect_inner(TunnelType::Vxlan);
  EXPECT_EQ(count(DecodeCounter::DecodedPackets), 2u);
  EXPECT_EQ(count(DecodeCounter::InnerDecoded), 1u);
  EXPECT_TRUE(inner_.has_mac);
  EXPECT_FALSE(send(4789, payload).confirmed) << "only once";
  expect_inner(TunnelType::Vxlan);
  expect_prefixes_are_safe(4789, payload);
  EXPECT_TRUE(send(4789, Octets{8, 0, 0, 0, 0, 1, 2, 0}).confirmed);
  EXPECT_EQ(inner_weirds(), one("vxlan_empty_packet/VXLAN"));
  EXPECT_EQ(inner_.weirds.begin()->kind, DecodeWeird::Kind::Flow);
  state_ = {};
  EXPECT_EQ(send(4789, octets(7)).violation, "VXLAN header truncation");
  EXPECT_EQ(send(4789, payload).status, DecodeStatus::Nothing) << "violated: not tried again";
  state_ = {};
  EXPECT_EQ(send(4789, octets(40)).violation, "VXLAN 'I' flag not set");
  EXPECT_EQ(result_.violation_data.size(), 40u);
  const uint64_t before = count(DecodeCounter::InnerUndecoded);
  state_ = {};
  EXPECT_EQ(send(4789, Octets{8, 0, 0, 0, 0, 1, 2, 0} + octets(6)).status, DecodeStatus::Nothing);
  EXPECT_EQ(count(DecodeCounter::InnerUndecoded), before + 1);
}

TEST_F(UdpTunnels, Geneve) {
  const auto geneve = [](uint8_t first, uint16_t protocol, const Octets& rest) {
    return Octets{first, 0} + u16(protocol) + Octets{0, 0, 9, 0} + rest;
  };
  EXPECT_TRUE(send(6081, geneve(0, 0x6558, frame_)).confirmed);
  expect_inner(TunnelType::Geneve);
  send(6081, geneve(2, 0x0800, octets(8) + inner4_));
  expect_inner(TunnelType::Geneve);
  send(6081, geneve(0, 0x86dd, inner6_));
  expect_inner(TunnelType::Geneve);
  EXPECT_EQ(send(6081, geneve(0, 0x1234, inner4_)).status, DecodeStatus::Nothing);
  EXPECT_EQ(inner_weirds(), none());
  send(6081, geneve(0x40, 0x6558, frame_));
  EXPECT_EQ(inner_weirds(), one("geneve_invalid_version/GENEVE"));
  EXPECT_EQ(inner_.weirds.begin()->addl.view(), "1");
  send(6081, geneve(0, 0x6558, {}));
  EXPECT_EQ(inner_weirds(), one("geneve_empty_packet/GENEVE"));
  expect_prefixes_are_safe(6081, geneve(2, 0x6558, octets(8) + frame_));
  EXPECT_EQ(send(6081, octets(7)).violation, "Geneve header truncation");
  state_ = {};
  EXPECT_EQ(send(6081, geneve(63, 0x6558, octets(100))).violation, "Geneve option header truncation");
}

TEST_F(UdpTunnels, Ayiya) {
  const Octets payload = Octets{0x44, 0x52, 0x11, 41} + u32(1) + octets(16) + octets(20) + inner6_;
  EXPECT_TRUE(send(5072, payload).confirmed);
  EXPECT_EQ(result_.service, "ayiya");
  expect_inner(TunnelType::Ayiya);
  EXPECT_EQ(send(40000, payload).tunnel, UdpTunnel::Ayiya) << "found by content";
  expect_prefixes_are_safe(5072, payload);
  Octets other = payload;
  other[2] = 0x12;
  EXPECT_EQ(send(5072, other).status, DecodeStatus::Nothing) << "not a forward operation";
  EXPECT_EQ(state_.confirmed, 0);
  other = payload;
  other[3] = 58;
  EXPECT_EQ(send(5072, other).status, DecodeStatus::Nothing);
  send(5072, {payload.begin(), payload.begin() + 44});
  EXPECT_EQ(inner_weirds(), one("ayiya_empty_packet/AYIYA"));
  EXPECT_EQ(send(5072, octets(5)).violation, "Truncated AYIYA");
}

TEST_F(UdpTunnels, TeredoIsConfirmedByBothSides) {
  EXPECT_FALSE(send(3544, teredo6_).confirmed);
  expect_inner(TunnelType::Teredo);
  EXPECT_FALSE(send(3544, teredo6_).confirmed);
  EXPECT_TRUE(send(3544, teredo6_, false).confirmed);
  expect_inner(TunnelType::Teredo);
  EXPECT_EQ(result_.service, "teredo");
}

TEST_F(UdpTunnels, TeredoHeaders) {
  const Octets origin = u16(0) + octets(6);
  const Octets authentication = u16(1) + Octets{2, 3} + octets(2 + 3 + 8 + 1);
  for (const Octets& front : {origin, authentication, authentication + origin}) {
    send(3544, front + teredo6_);
    expect_inner(TunnelType::Teredo);
    expect_prefixes_are_safe(3544, front + teredo6_);
  }
  for (const Octets& bad : {origin + origin + teredo6_, origin + authentication + teredo6_, authentication + authentication + teredo6_,
                            u16(2) + teredo6_, inner4_}) {
    state_ = {};
    EXPECT_EQ(send(3544, bad).violation, "Bad Teredo encapsulation");
  }
}

TEST_F(UdpTunnels, TeredoLengths) {
  EXPECT_EQ(send(3544, teredo6_ + octets(1)).violation, "Teredo payload length");
  state_ = {};
  Octets cut = teredo6_;
  cut.pop_back();
  EXPECT_EQ(send(3544, cut).violation, "Truncated Teredo or invalid inner IP version");
  state_ = {};
  const Octets bubble = ipv6(ipproto::kNoNext, {}, "2001::1", kB6);
  EXPECT_TRUE(send(3544, bubble).violation.empty());
  EXPECT_EQ(inner_weirds(), none()) << "a bubble carries nothing";
  EXPECT_TRUE(send(3544, bubble + octets(4)).violation.empty());
  EXPECT_EQ(inner_weirds(), one("Teredo_bubble_with_payload/TEREDO"));
  EXPECT_EQ(inner_.weirds.begin()->kind, DecodeWeird::Kind::ParentConn);
  send(3544, bubble, false);
  send(3544, u16(0) + octets(3));
  EXPECT_EQ(inner_weirds(), one("truncated_Teredo_origin_indication/TEREDO")) << "once it is confirmed";
  EXPECT_EQ(result_.violation, "Bad Teredo encapsulation");
}

TEST_F(UdpTunnels, TeredoByContent) {
  EXPECT_EQ(send(40000, teredo6_).tunnel, UdpTunnel::Teredo);
  const Octets to_teredo = ipv6(17, octets(8), kA6, "2001::5");
  EXPECT_EQ(send(40000, to_teredo).tunnel, UdpTunnel::Teredo);
  EXPECT_EQ(send(40000, inner6_).tunnel, UdpTunnel::None) << "no Teredo address";
  EXPECT_EQ(send(40000, u16(0) + octets(6) + inner6_).tunnel, UdpTunnel::Teredo) << "an origin indication";
  const Octets authentication = u16(1) + Octets{2, 3} + octets(2 + 3 + 9);
  EXPECT_EQ(send(40000, authentication + u16(0) + octets(6) + inner6_).tunnel, UdpTunnel::Teredo);
  EXPECT_EQ(send(40000, authentication + inner6_).tunnel, UdpTunnel::None);
  EXPECT_EQ(send(40000, octets(39)).tunnel, UdpTunnel::None);
  EXPECT_EQ(send(40000, u16(1) + octets(60, 0xff)).tunnel, UdpTunnel::None);
}

TEST_F(UdpTunnels, Gtp) {
  const auto gtp = [](uint8_t flags, uint8_t type, const Octets& rest) {
    return Octets{flags, type} + u16(static_cast<unsigned>(rest.size())) + u32(7) + rest;
  };
  EXPECT_TRUE(send(2152, gtp(0x30, 255, inner4_)).confirmed) << "one side is enough";
  EXPECT_EQ(result_.service, "gtpv1");
  expect_inner(TunnelType::Gtpv1);
  send(2123, gtp(0x30, 255, inner6_));
  expect_inner(TunnelType::Gtpv1);
  send(2152, gtp(0x32, 255, u32(0x00010000) + inner4_));
  expect_inner(TunnelType::Gtpv1);
  const Octets extensions = u32(0x000100c0) + Octets{1, 0, 0, 0xc0} + Octets{2} + octets(6) + Octets{0};
  send(2152, gtp(0x36, 255, extensions + inner4_));
  expect_inner(TunnelType::Gtpv1);
  expect_prefixes_are_safe(2152, gtp(0x36, 255, extensions + inner4_));
  EXPECT_EQ(send(2152, gtp(0x30, 1, octets(4))).status, DecodeStatus::Nothing);
  EXPECT_TRUE(result_.violation.empty()) << "an echo request";
  EXPECT_EQ(send(2152, gtp(0x20, 255, inner4_)).status, DecodeStatus::Nothing) << "GTP', which is charging";
  EXPECT_TRUE(result_.violation.empty());
}

TEST_F(UdpTunnels, GtpViolations) {
  const auto gtp = [](uint8_t flags, uint8_t type, const Octets& rest) { return Octets{flags, type} + u16(0) + u32(7) + rest; };
  const struct {
    Octets payload;
    std::string_view reason;
  } cases[] = {
      {octets(7), "Binpac exception: binpac exception: out_of_bound"},
      {gtp(0x34, 255, u32(0) + Octets{0, 0, 0, 0} + inner4_), "Binpac exception: binpac exception: out_of_bound"},
      {gtp(0x50, 255, inner4_), "GTPv1 bad Version"},
      {gtp(0x30, 255, octets(19, 0x45)), "Truncated GTPv1"},
      {gtp(0x30, 255, octets(40, 0x55)), "non-IP packet in GTPv1"},
      {gtp(0x30, 255, inner4_ + octets(1)), "GTPv1 payload length"},
      {gtp(0x30, 16, Octets{1, 128} + Octets{3}), "Binpac exception: binpac exception: out_of_bound"},
      {gtp(0x30, 16, Octets{2, 1, 2}), "Binpac exception: binpac exception: out_of_bound"},
  };
  for (const auto& c : cases) {
    state_ = {};
    EXPECT_EQ(send(2152, c.payload).violation, c.reason);
    EXPECT_EQ(result_.status, DecodeStatus::Nothing);
  }
  EXPECT_EQ(send(2152, gtp(0x30, 255, inner4_)).status, DecodeStatus::Packet) << "goes on being read";
  EXPECT_FALSE(result_.confirmed) << "but is not confirmed any more";
  state_ = {};
  EXPECT_TRUE(send(2123, gtp(0x30, 16, Octets{1, 128} + Octets{14, 5} + Octets{131, 0, 3, 'a', 'p', 'n'})).violation.empty());
}

TEST_F(UdpTunnels, GtpIsNotNested) {
  const Octets g = Octets{0x30, 255} + u16(0) + u32(7);
  send(2152, g + ipv4(17, udp(5000, 2152, g + inner4_, "192.0.2.1", "192.0.2.2"), "192.0.2.1", "192.0.2.2"));
  ASSERT_EQ(result_.status, DecodeStatus::Packet);
  p_ = inner_;
  state_ = {};
  EXPECT_EQ(tunnel(2152).violation, "GTP-in-GTP");
}

TEST_F(UdpTunnels, GreOverUdp) {
  send(4754, u16(0) + u16(0x0800) + inner4_);
  ASSERT_EQ(result_.status, DecodeStatus::Packet);
  EXPECT_FALSE(result_.confirmed);
  ASSERT_EQ(inner_.tunnels().size(), 1u);
  EXPECT_EQ(inner_.tunnel, TunnelType::Gre);
  EXPECT_EQ(inner_.tunnels()[0].src_port, 0) << "known by its addresses alone";
  EXPECT_EQ(inner_.tunnels()[0].ip_proto, ipproto::kUdp);
  send(4754, u16(7) + u16(0x0800) + inner4_);
  EXPECT_EQ(inner_weirds(), one("unknown_gre_version/GRE"));
  expect_prefixes_are_safe(4754, u16(0xb000) + u16(0x0800) + octets(12) + inner4_);
}

TEST_F(UdpTunnels, DepthHasALimit) {
  Octets packet = Octets{8, 0, 0, 0, 0, 1, 2, 0} + frame_;
  for (int i = 0; i < 4; i++) packet = Octets{8, 0, 0, 0, 0, 1, 2, 0} + ethernet(0x0800, ipv4(17, udp(5000, 4789, packet)));
  send(4789, packet);
  for (int depth = 1; depth <= 4; depth++) {
    ASSERT_EQ(result_.status, DecodeStatus::Packet);
    EXPECT_EQ(inner_.tunnel_depth, depth);
    p_ = inner_;
    tunnel(4789);
  }
  EXPECT_EQ(result_.status, DecodeStatus::Nothing);
  EXPECT_TRUE(result_.history_unknown);
  EXPECT_EQ(inner_weirds(), one("exceeded_tunnel_max_depth_in_tunnel/VXLAN"));
}

TEST_F(UdpTunnels, WhatTheCaptureCutIsMissingInside) {
  const Octets segment = tcp({}, octets(500));
  const Octets whole = ipv4(17, udp(5000, 4789, Octets{8, 0, 0, 0, 0, 1, 2, 0} + ethernet(0x0800, ipv4(6, segment))));
  ASSERT_EQ(decode_cut(whole, whole.size() - 400, LinkType::RawIp), DecodeStatus::Packet);
  ASSERT_EQ(tunnel(4789).status, DecodeStatus::Packet);
  EXPECT_EQ(inner_.payload_len, 500u);
  EXPECT_EQ(inner_.payload.size(), 100u);
  EXPECT_EQ(inner_weirds(), none());
}

TEST_F(UdpTunnels, WrongChecksumsAreNotFollowed) {
  Octets d = udp(5000, 4789, Octets{8, 0, 0, 0, 0, 1, 2, 0} + frame_);
  d[6] ^= 1;
  ASSERT_EQ(decode(ipv4(17, d), LinkType::RawIp), DecodeStatus::Packet);
  EXPECT_EQ(tunnel(4789).tunnel, UdpTunnel::None);
}

}  // namespace
}  // namespace sensor
