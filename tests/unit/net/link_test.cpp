// Link layers and what stands between them and IP.
#include "decode_fixture.h"

namespace sensor {
namespace {

using namespace test;

const Octets kIp = ipv4(ipproto::kUdp, udp(1, 2, chars("abc")));
const Octets kIp6 = ipv6(ipproto::kUdp, udp(1, 2, chars("abc"), kA6, kB6));

class Link : public DecodeTest {
 protected:
  void expect_udp(const Octets& bytes, LinkType link = LinkType::Ethernet) {
    ASSERT_EQ(decode(bytes, link), DecodeStatus::Packet);
    EXPECT_EQ(p_.transport, Transport::Udp);
    EXPECT_EQ(payload(), "abc");
    EXPECT_EQ(weirds(), none());
    expect_every_prefix_ends(bytes, link);
  }
  void expect_weird(const Octets& bytes, const std::string& weird, LinkType link = LinkType::Ethernet) {
    EXPECT_EQ(decode(bytes, link), DecodeStatus::Nothing);
    EXPECT_EQ(weirds(), one(weird));
    for (const DecodeWeird& w : p_.weirds) EXPECT_EQ(w.kind, DecodeWeird::Kind::Net);
    expect_every_prefix_ends(bytes, link);
  }
  void expect_ignored(const Octets& bytes, LinkType link = LinkType::Ethernet) {
    EXPECT_EQ(decode(bytes, link), DecodeStatus::Nothing);
    EXPECT_EQ(weirds(), none());
    expect_every_prefix_ends(bytes, link);
  }
  /// However much was captured, there is exactly one outcome, and no payload without its header.
  void expect_every_prefix_ends(const Octets& bytes, LinkType link) {
    for (size_t n = 0; n < bytes.size(); n++) {
      const uint64_t before = outcomes();
      const DecodeStatus s = decode_cut(bytes, n, link);
      EXPECT_EQ(outcomes(), before + 1) << n;
      if (s == DecodeStatus::Packet) {
        EXPECT_LE(p_.payload.size(), n);
      }
    }
  }
};

TEST_F(Link, Ethernet) {
  expect_udp(ethernet(0x0800, kIp));
  expect_udp(ethernet(0x86dd, kIp6));
  expect_ignored(ethernet(0x88cc, octets(40)));
  EXPECT_EQ(decode(ethernet(0x88cc, octets(40))), DecodeStatus::Nothing);
  EXPECT_GT(count(DecodeCounter::UnknownProtocol), 0u);
  expect_weird(ethernet(0x0800, octets(2)), "truncated_ethernet_frame/ETHERNET");
  expect_weird(ethernet(1501, octets(46)), "undefined_ether_type/ETHERNET");
  expect_weird(ethernet(1535, octets(46)), "undefined_ether_type/ETHERNET");
}

TEST_F(Link, NothingWasCaptured) {
  const Octets bytes = ethernet(0x0800, kIp);
  EXPECT_EQ(decode_cut(bytes, 0), DecodeStatus::Nothing);
  EXPECT_EQ(weirds(), one("empty_pcap_header/"));
  PacketView without_length = packet(bytes, LinkType::Ethernet);
  without_length.wire_len = 0;
  EXPECT_EQ(decoder_.decode(without_length, p_), DecodeStatus::Nothing);
  EXPECT_EQ(weirds(), one("empty_pcap_header/"));
}

TEST_F(Link, FabricPath) {
  expect_udp(kMacB + kMacA + u16(0x8903) + u16(1) + ethernet(0x0800, kIp));
  expect_weird(ethernet(0x8903, octets(16)), "truncated_link_header_cfp/ETHERNET");
}

TEST_F(Link, LengthInsteadOfType) {
  const Octets snap = Octets{0xaa, 0xaa, 3, 0, 0, 0} + u16(0x0800) + kIp;
  expect_udp(ethernet(static_cast<uint16_t>(snap.size()), snap));
  expect_udp(ethernet(static_cast<uint16_t>(snap.size()), snap + octets(9)));
  expect_weird(ethernet(static_cast<uint16_t>(snap.size() + 1), snap), "truncated_ethernet_frame/ETHERNET");
  const Octets numbered = Octets{0xaa, 0xaa, 0, 0, 0, 0, 0} + u16(0x86dd) + kIp6;
  expect_udp(ethernet(static_cast<uint16_t>(numbered.size()), numbered));
  const Octets cisco = Octets{0xaa, 0xaa, 3, 0, 0, 12} + u16(0x2000) + octets(30);
  expect_ignored(ethernet(static_cast<uint16_t>(cisco.size()), cisco));
  expect_weird(ethernet(7, Octets{0xaa, 0xaa, 3, 0, 0, 0, 8}), "truncated_snap_header/SNAP");
  expect_weird(ethernet(3, Octets{0xff, 0xff, 0}), "no_suitable_analyzer_found/NOVELL_802_3");
  expect_ignored(ethernet(38, Octets{0x42, 0x42, 3} + octets(35)));
  expect_weird(ethernet(3, Octets{0x42, 0x42, 0}), "truncated_llc_header/LLC");
}

TEST_F(Link, Vlan) {
  expect_udp(ethernet(0x8100, vlan_tag(0x2005, 0x0800, kIp)));
  decode(ethernet(0x8100, vlan_tag(0x2005, 0x0800, kIp)));
  EXPECT_EQ(p_.vlan, 5) << "without priority";
  EXPECT_EQ(p_.inner_vlan, 0);
  for (const uint16_t outer : {0x8100, 0x88a8, 0x9100}) {
    ASSERT_EQ(decode(ethernet(outer, vlan_tag(7, 0x8100, vlan_tag(9, 0x86dd, kIp6)))), DecodeStatus::Packet);
    EXPECT_EQ(p_.vlan, 7);
    EXPECT_EQ(p_.inner_vlan, 9);
  }
  ASSERT_EQ(decode(ethernet(0x8100, vlan_tag(7, 0x8100, vlan_tag(8, 0x8100, vlan_tag(9, 0x0800, kIp))))), DecodeStatus::Packet);
  EXPECT_EQ(p_.inner_vlan, 9) << "the last one";
  decode(ethernet(0x0800, kIp));
  EXPECT_EQ(p_.vlan, 0) << "not left over from the packet before";
  EXPECT_EQ(p_.inner_vlan, 0);
}

TEST_F(Link, VlanOddities) {
  const Octets snap = Octets{0xaa, 0xaa, 3, 0, 0, 0} + u16(0x0800) + kIp;
  expect_udp(ethernet(0x8100, vlan_tag(1, 100, snap)));
  expect_weird(ethernet(0x8100, u16(1) + u16(0x0800)), "truncated_VLAN_header/VLAN");
  expect_weird(ethernet(0x8100, vlan_tag(1, 1501, octets(40))), "undefined_vlan_protocol/VLAN");
  expect_weird(ethernet(0x8100, vlan_tag(1, 100, octets(1))), "truncated_vlan_frame/VLAN");
  expect_weird(ethernet(0x8100, vlan_tag(1, 100, octets(40, 0xff))), "no_suitable_analyzer_found/NOVELL_802_3");
}

TEST_F(Link, NestingHasALimit) {
  Octets tags = kIp;
  for (int i = 0; i < 30; i++) tags = vlan_tag(1, i == 0 ? 0x0800 : 0x8100, tags);
  EXPECT_EQ(decode(ethernet(0x8100, tags)), DecodeStatus::Nothing);
  EXPECT_EQ(weirds(), one("max_packet_analyzer_depth_exceeded/VLAN"));
}

TEST_F(Link, Mpls) {
  expect_udp(ethernet(0x8847, Octets{0, 0, 0x10, 64, 0, 0, 0x21, 64} + kIp));
  expect_udp(ethernet(0x8100, vlan_tag(1, 0x8847, Octets{0, 0, 0x11, 64} + kIp6)));
  expect_weird(ethernet(0x8847, Octets{0, 0, 0x10, 64, 0, 0, 0x10, 64}), "truncated_link_header/MPLS");
}

TEST_F(Link, Pppoe) {
  const auto frame = [](int length, uint16_t protocol, const Octets& payload) {
    return ethernet(0x8864, Octets{0x11, 0, 0, 1} + u16(static_cast<unsigned>(length)) + u16(protocol) + payload);
  };
  const int right = static_cast<int>(kIp.size() + 2);
  expect_udp(frame(right, 0x0021, kIp));
  expect_udp(frame(static_cast<int>(kIp6.size() + 2), 0x0057, kIp6));
  ASSERT_EQ(decode(frame(right, 0x0021, kIp + octets(5))), DecodeStatus::Packet);
  EXPECT_EQ(weirds(), one("pppoe_extra_data_after_payload/PPPOE"));
  ASSERT_EQ(decode(frame(right + 1, 0x0021, kIp)), DecodeStatus::Packet);
  EXPECT_EQ(weirds(), one("pppoe_truncated_payload/PPPOE"));
  expect_ignored(frame(right, 0xc021, kIp));
  expect_weird(frame(2, 0x0021, {}), "truncated_pppoe_header/PPPOE");
}

TEST_F(Link, VntagAndPbb) {
  expect_udp(ethernet(0x8926, octets(4) + u16(0x8100) + vlan_tag(3, 0x0800, kIp)));
  EXPECT_EQ(decode(ethernet(0x8926, octets(4) + u16(0x8100) + vlan_tag(3, 0x0800, kIp))), DecodeStatus::Packet);
  EXPECT_EQ(p_.vlan, 3);
  expect_ignored(ethernet(0x8926, octets(4) + u16(0x0800) + kIp));
  expect_weird(ethernet(0x8926, octets(6)), "truncated_vntag_header/VNTAG");
  expect_udp(ethernet(0x88e7, octets(4) + ethernet(0x0800, kIp)));
  expect_weird(ethernet(0x88e7, octets(18)), "truncated_PBB_header/PBB");
}

TEST_F(Link, LinuxCooked) {
  const auto sll = [](uint16_t type, const Octets& payload) { return u16(0) + u16(1) + u16(6) + kMacA + u16(0) + u16(type) + payload; };
  expect_udp(sll(0x0800, kIp), LinkType::LinuxSll);
  decode(sll(0x0800, kIp), LinkType::LinuxSll);
  EXPECT_TRUE(p_.has_mac);
  EXPECT_EQ(p_.src_mac[5], 1);
  EXPECT_EQ(p_.dst_mac, (std::array<uint8_t, 6>{}));
  expect_weird(sll(0x0800, {}), "truncated_Linux_SLL_header/LINUXSLL", LinkType::LinuxSll);
  expect_ignored(sll(0x8100, vlan_tag(1, 0x0800, kIp)), LinkType::LinuxSll);
  const auto sll2 = [](uint16_t type, const Octets& payload) { return u16(type) + octets(10) + kMacA + u16(0) + payload; };
  expect_udp(sll2(0x86dd, kIp6), LinkType::LinuxSll2);
  expect_weird(sll2(0x0800, {}), "truncated_Linux_SLL2_header/LINUXSLL2", LinkType::LinuxSll2);
}

TEST_F(Link, Loopback) {
  expect_udp(Octets{2, 0, 0, 0} + kIp, LinkType::Null);
  expect_udp(Octets{0, 0, 0, 2} + kIp, LinkType::Loop);
  for (const uint8_t family : {24, 28, 30}) expect_udp(Octets{family, 0, 0, 0} + kIp6, LinkType::Null);
  expect_ignored(Octets{7, 0, 0, 0} + kIp, LinkType::Null);
  expect_weird(Octets{2, 0, 0, 0}, "null_analyzer_failed/NULL", LinkType::Null);
}

TEST_F(Link, Ppp) {
  expect_udp(u16(0x0021) + kIp, LinkType::Ppp);
  expect_udp(u16(0xff03) + u16(0x0057) + kIp6, LinkType::Ppp);
  expect_udp(u16(0x0281) + Octets{0, 0, 1, 64} + kIp, LinkType::Ppp);
  expect_weird(u16(0x0021), "truncated_ppp_header/PPP", LinkType::Ppp);
  expect_weird(u16(0xff03) + u16(0x0021), "truncated_ppp_hdlc_header/PPP", LinkType::Ppp);
  expect_udp(u16(0xff03) + u16(0x0021) + kIp, LinkType::PppSerial);
  expect_weird(u16(0xff03) + u16(0x0021), "truncated_ppp_serial_header/PPPSERIAL", LinkType::PppSerial);
}

TEST_F(Link, RawIp) {
  for (const LinkType t : {LinkType::RawIp, LinkType::RawIpDlt, LinkType::RawIpOpenBsd, LinkType::Ipv4}) expect_udp(kIp, t);
  expect_udp(kIp6, LinkType::Ipv6);
  EXPECT_FALSE(p_.has_mac);
  expect_weird(octets(40, 0x50), "unknown_ip_version/IP", static_cast<LinkType>(9999));
}

TEST_F(Link, Fddi) {
  expect_udp(octets(21) + kIp, LinkType::Fddi);
  expect_weird(octets(21), "FDDI_analyzer_failed/", LinkType::Fddi);
}

TEST_F(Link, Nflog) {
  const Octets mark = Octets{8, 0, 3, 0} + octets(4);
  const Octets prefix = Octets{5, 0, 10, 0} + octets(4);  // 5 bytes, padded to 8
  const Octets payload = Octets{0, 0, 9, 0} + kIp;
  const Octets header = Octets{2, 0, 0, 0};
  expect_udp(header + mark + prefix + payload, LinkType::Nflog);
  expect_udp(Octets{10, 0, 0, 0} + Octets{0, 0, 9, 0} + kIp6, LinkType::Nflog);
  expect_ignored(Octets{7, 0, 0, 0} + payload, LinkType::Nflog);
  expect_weird(Octets{2, 1, 0, 0} + payload, "unknown_nflog_version/NFLOG", LinkType::Nflog);
  expect_weird(header + mark, "nflog_no_pcap_payload/NFLOG", LinkType::Nflog);
  expect_weird(header + Octets{3, 0, 3, 0} + octets(8), "nflog_bad_tlv_len/NFLOG", LinkType::Nflog);
  expect_weird(header + Octets{0xff, 0xff, 3, 0} + octets(8), "nflog_bad_tlv_len/NFLOG", LinkType::Nflog);
  decode(header + Octets{0xff, 0xff, 3, 0} + octets(8), LinkType::Nflog);
  EXPECT_EQ(p_.weirds.begin()->addl.view(), "(65536 > 12)");
  expect_weird(header, "truncated_nflog_header/NFLOG", LinkType::Nflog);
}

TEST_F(Link, Arp) {
  const Octets arp = u16(1) + u16(0x0800) + Octets{6, 4} + u16(1) + kMacA + address(kA) + octets(6) + address(kB);
  ASSERT_EQ(decode(ethernet(0x0806, arp + octets(18))), DecodeStatus::Arp);
  EXPECT_EQ(p_.payload.size(), arp.size() + 18);
  EXPECT_EQ(count(DecodeCounter::ArpPackets), 1u);
  EXPECT_EQ(decode(ethernet(0x8035, arp)), DecodeStatus::Arp);
  EXPECT_EQ(decode(ethernet(0x8100, vlan_tag(1, 0x0806, arp))), DecodeStatus::Arp);
  for (size_t n = 3; n < arp.size(); n++) {
    EXPECT_EQ(decode(ethernet(0x0806, {arp.begin(), arp.begin() + static_cast<ptrdiff_t>(n)})), DecodeStatus::Nothing);
    EXPECT_EQ(weirds(), one("truncated_ARP/ARP")) << n;
  }
}

/// An 802.11 data frame of the subtype, 'To DS' and 'From DS' in `flags`.
Octets wifi(uint8_t subtype, uint8_t flags, const Octets& after_header) {
  Octets h = Octets{static_cast<uint8_t>(subtype << 4 | 8), flags} + u16(0);
  for (uint8_t i = 1; i <= 3; i++) h = h + octets(6, i);
  h = h + u16(0);
  if ((flags & 3) == 3) h = h + octets(6, 4);
  return h + after_header;
}
Octets snap_header(uint16_t type) {
  return Octets{0xaa, 0xaa, 3, 0, 0, 0} + u16(type);
}

TEST_F(Link, Wifi) {
  const Octets data = snap_header(0x0800) + kIp;
  const struct { uint8_t flags, src, dst; } ways[] = {{0, 2, 1}, {1, 2, 3}, {2, 3, 1}, {3, 4, 3}};
  for (const auto& w : ways) {
    expect_udp(wifi(0, w.flags, data), LinkType::Ieee80211);
    decode(wifi(0, w.flags, data), LinkType::Ieee80211);
    EXPECT_EQ(p_.src_mac[0], w.src);
    EXPECT_EQ(p_.dst_mac[0], w.dst);
  }
  expect_udp(wifi(8, 1, u16(0) + data), LinkType::Ieee80211);
  expect_ignored(wifi(8, 0x41, u16(0) + data), LinkType::Ieee80211);
  expect_ignored(wifi(4, 1, data), LinkType::Ieee80211);
  Octets beacon = wifi(8, 0, data);
  beacon[0] = 0x80;
  expect_ignored(beacon, LinkType::Ieee80211);
  expect_ignored(wifi(0, 0, octets(20)), LinkType::Ieee80211);
  expect_weird(wifi(0, 0, octets(7)), "truncated_802_11_llc_header/IEEE802_11", LinkType::Ieee80211);
  expect_weird(wifi(0, 0, {}), "truncated_802_11_header/IEEE802_11", LinkType::Ieee80211);
  expect_udp(Octets{0, 0, 10, 0} + octets(6) + wifi(0, 0, data), LinkType::Ieee80211Radiotap);
  expect_weird(Octets{0, 0, 10, 0} + octets(6), "truncated_radiotap_header/IEEE802_11_RADIO", LinkType::Ieee80211Radiotap);
  expect_udp(u32(0x80211001) + u32(16) + octets(8) + wifi(0, 0, data), LinkType::Ieee80211Avs);
}

TEST_F(Link, WifiAggregate) {
  const auto subframe = [](const Octets& content, size_t padding) {
    return octets(12) + u16(static_cast<unsigned>(content.size())) + content + octets(padding);
  };
  const Octets first = snap_header(0x0800) + ipv4(17, udp(1, 2, chars("one"))),
               second = snap_header(0x0800) + ipv4(17, udp(3, 4, chars("two!")));
  const Octets frame = wifi(8, 1, Octets{0x80, 0} + subframe(first, first.size() % 4) + subframe(second, 0));
  ASSERT_EQ(decode(frame, LinkType::Ieee80211), DecodeStatus::Packet);
  EXPECT_EQ(payload(), "one");
  ASSERT_FALSE(p_.more_frames.empty());
  ASSERT_EQ(decoder_.decode_next(p_), DecodeStatus::Packet);
  EXPECT_EQ(payload(), "two!");
  EXPECT_EQ(count(DecodeCounter::DecodedPackets), 2u);
  EXPECT_EQ(count(DecodeCounter::InnerDecoded), 1u) << "the first one stands for the frame";
  EXPECT_TRUE(p_.has_mac);
  EXPECT_EQ(p_.src_mac[0], 2);
  EXPECT_TRUE(p_.more_frames.empty());
  const Octets bad = wifi(8, 1, Octets{0x80, 0} + subframe(octets(20), 0) + subframe(second, 0));
  EXPECT_EQ(decode(bad, LinkType::Ieee80211), DecodeStatus::Nothing);
  EXPECT_EQ(weirds(), one("invalid_802_11_amsdu_inner_packet/IEEE802_11"));
  EXPECT_TRUE(p_.more_frames.empty()) << "the rest is given up";
  for (size_t n = 0; n < frame.size(); n++) {
    decode_cut(frame, n, LinkType::Ieee80211);
    for (int i = 0; i < 3 && !p_.more_frames.empty(); i++) decoder_.decode_next(p_);
    EXPECT_TRUE(p_.more_frames.empty());
  }
}

TEST_F(Link, OutermostAddresses) {
  const auto pair = decoder_.outermost_addresses(packet(ethernet(0x0800, ipv4(4, kIp, "192.0.2.1", "192.0.2.2"))), p_);
  EXPECT_FALSE(decoder_.outermost_addresses(packet(ethernet(0x0806, octets(40))), p_).has_value());
  ASSERT_TRUE(pair.has_value());
  EXPECT_EQ(pair->src.to_string(), "192.0.2.1");
  EXPECT_EQ(pair->dst.to_string(), "192.0.2.2");
}

}  // namespace
}  // namespace sensor
