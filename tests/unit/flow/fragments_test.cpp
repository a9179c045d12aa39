#include "sensor/flow/fragments.h"

#include <numeric>

#include "decode_fixture.h"

namespace sensor {
namespace {

using namespace test;

constexpr uint16_t kMore = 0x2000, kDontFragment = 0x4000;

class Fragments : public DecodeTest {
 protected:
  /// Data whose bytes tell their place.
  static Octets data(size_t n) {
    Octets d(n);
    std::iota(d.begin(), d.end(), uint8_t{0});
    return d;
  }
  static Octets part(const Octets& whole, size_t offset, size_t n) {
    return {whole.begin() + static_cast<ptrdiff_t>(offset), whole.begin() + static_cast<ptrdiff_t>(std::min(whole.size(), offset + n))};
  }
  static Octets fragment4(const Octets& whole, size_t offset, size_t n, Ipv4Fields f = {}) {
    f.flags_offset = static_cast<uint16_t>(f.flags_offset | offset / 8 | (offset + n < whole.size() ? kMore : 0));
    return ethernet(0x0800, ipv4(ipproto::kUdp, part(whole, offset, n), kA, kB, f));
  }
  static Octets fragment6(const Octets& whole, size_t offset, size_t n, uint8_t next = ipproto::kUdp, uint32_t id = 9) {
    const Octets header = Octets{next, 0} + u16(static_cast<unsigned>(offset | (offset + n < whole.size() ? 1 : 0))) + u32(id);
    return ethernet(0x86dd, ipv6(ipproto::kFragment, header + part(whole, offset, n)));
  }
  DecodeStatus add(const Octets& frame, TimeNs ts_ns = kSecond) {
    frames_.push_back(std::make_unique<Octets>(frame));
    EXPECT_EQ(decoder_.decode(packet(*frames_.back(), LinkType::Ethernet, ts_ns), p_), DecodeStatus::Fragment);
    p_.clock_ns = ts_ns;
    const DecodeStatus s = reassembler_.add_all(p_);
    expect_balance();
    return s;
  }
  void expect_balance() {
    uint64_t gone = reassembler_.held();
    for (size_t i = 1; i < static_cast<size_t>(FragmentCounter::Datagrams); i++) gone += frag_count(static_cast<FragmentCounter>(i));
    EXPECT_EQ(frag_count(FragmentCounter::Fragments), gone);
  }
  uint64_t frag_count(FragmentCounter c) const { return reassembler_.counters().get(c); }

  std::vector<std::unique_ptr<Octets>> frames_;
  FragmentReassembler reassembler_{{.max_datagrams = 4, .max_pieces = 64, .max_pieces_per_datagram = 16}, decoder_};
};

TEST_F(Fragments, InOrder) {
  const Octets whole = udp(1, 2, data(200));
  EXPECT_EQ(add(fragment4(whole, 0, 104)), DecodeStatus::Nothing);
  EXPECT_EQ(reassembler_.held(), 1u);
  ASSERT_EQ(add(fragment4(whole, 104, 104)), DecodeStatus::Packet);
  EXPECT_EQ(p_.transport, Transport::Udp);
  EXPECT_EQ(p_.payload_len, 200u);
  EXPECT_EQ(Octets(p_.payload.begin(), p_.payload.end()), data(200));
  EXPECT_TRUE(p_.is_fragment);
  EXPECT_TRUE(p_.checksum_ok);
  EXPECT_EQ(p_.ip_len, 228u);
  EXPECT_EQ(weirds(), none());
  EXPECT_EQ(reassembler_.held(), 0u);
  EXPECT_TRUE(p_.has_mac);
  EXPECT_EQ(frag_count(FragmentCounter::Datagrams), 1u);
}

TEST_F(Fragments, EveryOrderOfFour) {
  const Octets whole = udp(1, 2, data(4 * 80 - 8));
  std::array<size_t, 4> order{0, 1, 2, 3};
  uint16_t id = 1;
  do {
    id++;
    for (size_t i = 0; i < 4; i++) {
      const DecodeStatus s = add(fragment4(whole, order[i] * 80, 80, {.id = id}));
      EXPECT_EQ(s, i == 3 ? DecodeStatus::Packet : DecodeStatus::Nothing);
    }
    EXPECT_EQ(Octets(p_.payload.begin(), p_.payload.end()), data(312));
    EXPECT_TRUE(p_.checksum_ok);
    EXPECT_EQ(weirds(), none());
    reassembler_.release();
  } while (std::next_permutation(order.begin(), order.end()));
}

TEST_F(Fragments, Ipv6) {
  const Octets whole = udp(1, 2, data(100), kA6, kB6);
  EXPECT_EQ(add(fragment6(whole, 56, 80)), DecodeStatus::Nothing);
  ASSERT_EQ(add(fragment6(whole, 0, 56)), DecodeStatus::Packet);
  EXPECT_EQ(p_.ip_version, 6);
  EXPECT_EQ(p_.payload_len, 100u);
  EXPECT_TRUE(p_.checksum_ok);
  EXPECT_EQ(p_.ip_len, 148u);
}

TEST_F(Fragments, Ipv6TakesTheNextHeaderOfTheFirstFragment) {
  const Octets whole = extension(ipproto::kUdp, {}) + udp(1, 2, data(64), kA6, kB6);
  add(fragment6(whole, 0, 64, ipproto::kDstOpts));
  ASSERT_EQ(add(fragment6(whole, 64, 64, ipproto::kTcp)), DecodeStatus::Packet);
  EXPECT_EQ(p_.transport, Transport::Udp);
  EXPECT_EQ(weirds(), one("fragment_protocol_inconsistency/"));
}

TEST_F(Fragments, WhatCameFirstWins) {
  Octets whole = udp(1, 2, data(120));
  add(fragment4(whole, 0, 64));
  Octets other = whole;
  other[16] ^= 0xff;
  add(fragment4(other, 0, 64));
  EXPECT_EQ(weirds(), one("fragment_inconsistency/"));
  add(fragment4(whole, 0, 64));
  EXPECT_EQ(weirds(), one("fragment_overlap/"));
  ASSERT_EQ(add(fragment4(other, 8, 120)), DecodeStatus::Packet);
  EXPECT_TRUE(p_.checksum_ok);
  EXPECT_EQ(Octets(p_.payload.begin(), p_.payload.end()), data(120));
}

TEST_F(Fragments, OverlapFillsOnlyTheHoles) {
  const Octets whole = udp(1, 2, data(8 * 30));
  Octets noise = whole;
  for (size_t i = 16; i < 160; i++) noise[i] = 0xee;
  add(fragment4(whole, 16, 64));
  add(fragment4(whole, 96, 64));
  EXPECT_EQ(add(fragment4(whole, 160, 88)), DecodeStatus::Nothing);
  Octets gap = whole;  // right only where nothing is known yet
  for (size_t i = 16; i < 80; i++) gap[i] = 0xee;
  for (size_t i = 96; i < 160; i++) gap[i] = 0xee;
  ASSERT_EQ(add(fragment4(gap, 0, 168)), DecodeStatus::Packet);
  EXPECT_TRUE(p_.checksum_ok);
}

TEST_F(Fragments, SizesThatContradict) {
  const Octets whole = udp(1, 2, data(192));
  add(fragment4(whole, 0, 80));
  add(ethernet(0x0800, ipv4(17, part(whole, 80, 40), kA, kB, {.flags_offset = 80 / 8 | kMore})));
  EXPECT_EQ(weirds(), one("excessively_small_fragment/"));
  ASSERT_EQ(add(ethernet(0x0800, ipv4(17, part(whole, 120, 40), kA, kB, {.flags_offset = 120 / 8}))), DecodeStatus::Packet);
  // One that ends beyond what a last fragment said.
  add(ethernet(0x0800, ipv4(17, octets(80), kA, kB, {.id = 8, .flags_offset = 80 / 8})));
  add(ethernet(0x0800, ipv4(17, octets(80), kA, kB, {.id = 8, .flags_offset = 160 / 8 | kMore})));
  EXPECT_EQ(weirds(), one("fragment_size_inconsistency/"));
  add(ethernet(0x0800, ipv4(17, octets(80), kA, kB, {.id = 8, .flags_offset = 160 / 8})));
  EXPECT_EQ(weirds(), one("fragment_overlap/"));
}

TEST_F(Fragments, Oddities) {
  const Octets whole = udp(1, 2, data(192));
  add(fragment4(whole, 0, 96, {.flags_offset = kDontFragment}));
  EXPECT_EQ(weirds(), one("fragment_with_DF/"));
  ASSERT_FALSE(p_.weirds.empty());
  EXPECT_EQ(p_.weirds.begin()->kind, DecodeWeird::Kind::Flow);
  EXPECT_EQ(p_.weirds.begin()->dst, *IpAddress::parse(kB));
  add(ethernet(0x0800, ipv4(6, octets(80), kA, kB, {.flags_offset = 200 | kMore})));
  EXPECT_EQ(weirds(), one("fragment_protocol_inconsistency/"));
  add(ethernet(0x0800, ipv4(17, octets(80), kA, kB, {.id = 99, .flags_offset = 8000 | kMore})));
  EXPECT_EQ(weirds(), one("excessively_large_fragment/"));
}

TEST_F(Fragments, LengthsWrapBeyond64K) {
  const Octets piece = octets(1400);
  for (size_t at = 0; at + 1400 <= 65520; at += 1400) {
    const DecodeStatus s = add(ethernet(0x0800, ipv4(17, piece, kA, kB, {.flags_offset = static_cast<uint16_t>(at / 8 | kMore)})));
    ASSERT_EQ(s, DecodeStatus::Nothing);
    if (frag_count(FragmentCounter::DroppedTooMany) > 0) break;
  }
  EXPECT_EQ(frag_count(FragmentCounter::DroppedTooMany), 1u) << "16 pieces are allowed";
  FragmentReassembler roomy({.max_datagrams = 1}, decoder_);
  DecodeStatus s = DecodeStatus::Nothing;
  for (size_t at = 0; at <= 65520; at += 1400) {
    const bool last = at + 1400 > 65520;
    decode(ethernet(0x0800, ipv4(17, piece, kA, kB, {.flags_offset = static_cast<uint16_t>(at / 8 | (last ? 0 : kMore))})));
    s = roomy.add(p_);
  }
  // 47 * 1400 + 20 bytes: the length field keeps 284 of them.
  EXPECT_EQ(s, DecodeStatus::Packet);
  EXPECT_EQ(p_.ip_len, (47 * 1400 + 20) % 65536u);
}

TEST_F(Fragments, Timeout) {
  const Octets whole = udp(1, 2, data(192));
  add(fragment4(whole, 0, 96), 10 * kSecond);
  add(fragment4(whole, 96, 104, {.id = 8}), 20 * kSecond);
  EXPECT_EQ(add(fragment4(whole, 96, 104), 310 * kSecond), DecodeStatus::Nothing) << "the first part is gone";
  EXPECT_EQ(frag_count(FragmentCounter::DatagramsExpired), 1u);
  EXPECT_EQ(add(fragment4(whole, 0, 96, {.id = 8}), 319 * kSecond), DecodeStatus::Packet);
  reassembler_.advance(1000 * kSecond);
  EXPECT_EQ(reassembler_.held(), 0u);
  expect_balance();
}

TEST_F(Fragments, TheOldestMakesRoom) {
  const Octets whole = udp(1, 2, data(192));
  for (uint16_t id = 1; id <= 5; id++) add(fragment4(whole, 0, 96, {.id = id}));
  EXPECT_EQ(frag_count(FragmentCounter::DatagramsEvicted), 1u);
  EXPECT_EQ(add(fragment4(whole, 96, 104, {.id = 1})), DecodeStatus::Nothing);
  EXPECT_EQ(add(fragment4(whole, 96, 104, {.id = 5})), DecodeStatus::Packet);
}

TEST_F(Fragments, VlansTellDatagramsApartOnRequest) {
  const Octets first = udp(1, 2, data(200)), second = udp(3, 4, data(200));
  const auto tagged = [&](uint16_t vlan, const Octets& whole, size_t offset) {
    Octets frame = fragment4(whole, offset, 104);
    const Octets tag = u16(0x8100) + u16(vlan);
    frame.insert(frame.begin() + 12, tag.begin(), tag.end());
    return frame;
  };
  EXPECT_EQ(add(tagged(7, first, 0)), DecodeStatus::Nothing);
  EXPECT_EQ(add(tagged(8, second, 104)), DecodeStatus::Packet) << "one datagram of two VLANs' pieces, as in Zeek";
  const auto ports_of = [&](FragmentReassembler& by_vlan, const Octets& frame) {
    frames_.push_back(std::make_unique<Octets>(frame));
    EXPECT_EQ(decoder_.decode(packet(*frames_.back(), LinkType::Ethernet, kSecond), p_), DecodeStatus::Fragment);
    p_.clock_ns = kSecond;
    return by_vlan.add_all(p_) == DecodeStatus::Packet ? p_.tuple.src_port : 0;
  };
  FragmentReassembler by_vlan({.key_by_vlan = true}, decoder_);
  EXPECT_EQ(ports_of(by_vlan, tagged(7, first, 0)), 0);
  EXPECT_EQ(ports_of(by_vlan, tagged(8, second, 0)), 0);
  EXPECT_EQ(ports_of(by_vlan, tagged(8, second, 104)), 3);
  EXPECT_EQ(p_.vlan, 8);
  EXPECT_EQ(ports_of(by_vlan, tagged(7, first, 104)), 1);
  EXPECT_EQ(p_.vlan, 7);
  EXPECT_EQ(by_vlan.held(), 0U);
}

TEST_F(Fragments, CompletedDatagramsLiveUntilRelease) {
  const Octets whole = udp(1, 2, data(192));
  std::vector<DecodedPacket> done;
  for (uint16_t id = 1; id <= 4; id++) {
    add(fragment4(whole, 0, 96, {.id = id}));
    ASSERT_EQ(add(fragment4(whole, 96, 104, {.id = id})), DecodeStatus::Packet);
    done.push_back(p_);
  }
  EXPECT_EQ(add(fragment4(whole, 0, 96, {.id = 9})), DecodeStatus::Nothing);
  EXPECT_EQ(frag_count(FragmentCounter::DroppedNoBuffer), 1u);
  for (const DecodedPacket& d : done) EXPECT_EQ(Octets(d.payload.begin(), d.payload.end()), data(192));
  reassembler_.release();
  add(fragment4(whole, 0, 96, {.id = 9}));
  EXPECT_EQ(add(fragment4(whole, 96, 104, {.id = 9})), DecodeStatus::Packet);
}

TEST_F(Fragments, OfATunnelledPacketInsideAFragmentedPacket) {
  const Octets whole = udp(1, 2, data(300));
  const auto inner = [&](size_t at, size_t n) {
    const auto more = at + n < whole.size() ? kMore : uint16_t{0};
    return ipv4(17, part(whole, at, n), "192.0.2.1", "192.0.2.2", {.flags_offset = static_cast<uint16_t>(at / 8 | more)});
  };
  const auto outer = [&](uint16_t id, const Octets& payload, DecodeStatus expected) {
    EXPECT_EQ(add(ethernet(0x0800, ipv4(4, part(payload, 0, 96), kA, kB, {.id = id, .flags_offset = kMore}))), DecodeStatus::Nothing);
    EXPECT_EQ(add(ethernet(0x0800, ipv4(4, part(payload, 96, 999), kA, kB, {.id = id, .flags_offset = 96 / 8}))), expected);
  };
  outer(1, inner(0, 160), DecodeStatus::Nothing);
  outer(2, inner(160, 160), DecodeStatus::Packet);
  EXPECT_EQ(p_.tunnel, TunnelType::Ip);
  EXPECT_EQ(p_.tuple.src.to_string(), "192.0.2.1");
  EXPECT_EQ(Octets(p_.payload.begin(), p_.payload.end()), data(300));
}

TEST_F(Fragments, CutFragmentsAreNotReassembled) {
  const Octets whole = udp(1, 2, data(192));
  const Octets first = fragment4(whole, 0, 96), second = fragment4(whole, 96, 104);
  EXPECT_EQ(decode_cut(first, first.size() - 1), DecodeStatus::Packet) << "its transport header is there";
  EXPECT_EQ(weirds(), one("incompletely_captured_fragment/IP"));
  EXPECT_EQ(decode_cut(second, second.size() - 1), DecodeStatus::Nothing);
  EXPECT_EQ(weirds(), one("incompletely_captured_fragment/IP"));
}

TEST_F(Fragments, LongIpv6Headers) {
  Octets chain;
  for (int i = 0; i < 3; i++) chain = chain + extension(i == 2 ? ipproto::kFragment : ipproto::kDstOpts, octets(2000));
  const Octets frag = Octets{17, 0} + u16(1) + u32(5) + octets(64);
  add(ethernet(0x86dd, ipv6(ipproto::kDstOpts, chain + frag)));
  EXPECT_EQ(frag_count(FragmentCounter::DroppedLongHeader), 1u);
}

TEST_F(Fragments, EmptyOnesDoNoHarm) {
  add(ethernet(0x0800, ipv4(17, {}, kA, kB, {.flags_offset = kMore})));
  add(ethernet(0x0800, ipv4(17, {}, kA, kB, {.flags_offset = 1})));
  EXPECT_EQ(add(ethernet(0x0800, ipv4(17, octets(8), kA, kB, {.flags_offset = kMore}))), DecodeStatus::Packet);
}

}  // namespace
}  // namespace sensor
