#include "dpi/icmp/icmp.h"

#include <gtest/gtest.h>

#include <string>

namespace sensor::icmp {
namespace {

using namespace std::string_literals;

const std::string kUdp4 = "\x45\0\0\x3c\0\0\x40\0\x40\x11\0\0\xc0\0\x02\x0a\xc0\0\x02\x01\x9c\x40\0\x35\0\x28\0\0"s;
const std::string kAddress10 = "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x10"s, kAddress1 = "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01"s;
const std::string kTcp6 = "\x60\0\0\0\0\x14\x06\x40"s + kAddress10 + kAddress1 + "\x9c\x40\0\x50\0\0\0\0"s;
const std::string kLinkAddress = "\x01\x01\x02\0\0\0\0\x10"s;

TEST(Icmp, Echo) {
  const Message m = parse(false, 8, 0, 0x12340007, as_bytes("abc"));
  ASSERT_TRUE(m.echo);
  EXPECT_TRUE(m.echo->request);
  EXPECT_EQ(m.echo->id, 0x1234);
  EXPECT_EQ(m.echo->sequence, 7);
  EXPECT_FALSE(parse(false, 0, 0, 0, {}).echo->request);
  EXPECT_TRUE(parse(true, 128, 0, 0, {}).echo->request);
  EXPECT_FALSE(parse(true, 8, 0, 0, {}).echo) << "another type in ICMPv6";
}

TEST(Icmp, ErrorsQuoteThePacket) {
  const Message m = parse(false, 3, 4, 1400, as_bytes(kUdp4));
  ASSERT_TRUE(m.quoted);
  EXPECT_EQ(m.quoted->src.to_string(), "192.0.2.10");
  EXPECT_EQ(m.quoted->dst.to_string(), "192.0.2.1");
  EXPECT_EQ(m.quoted->src_port, 40000);
  EXPECT_EQ(m.quoted->dst_port, 53);
  EXPECT_EQ(m.quoted->ip_proto, 17);
  EXPECT_EQ(m.mtu, 1400U);
  EXPECT_FALSE(parse(false, 3, 3, 1400, as_bytes(kUdp4)).mtu) << "only where a fragment was needed";
  EXPECT_EQ(parse(false, 5, 1, 0xc0000263, as_bytes(kUdp4)).gateway->to_string(), "192.0.2.99");

  const Message six = parse(true, 2, 0, 1280, as_bytes(kTcp6));
  ASSERT_TRUE(six.quoted);
  EXPECT_EQ(six.quoted->src.to_string(), "2001:db8::10");
  EXPECT_EQ(six.quoted->dst_port, 80);
  EXPECT_EQ(six.mtu, 1280U);
}

TEST(Icmp, OnlyTheFirstFragmentHasPorts) {
  std::string later = kUdp4;
  later[7] = 1;
  const Message m = parse(false, 11, 1, 0, as_bytes(later));
  ASSERT_TRUE(m.quoted);
  EXPECT_EQ(m.quoted->dst_port, 0);
}

TEST(Icmp, NeighbourDiscovery) {
  const Message m = parse(true, 135, 0, 0, as_bytes(kAddress1 + kLinkAddress));
  EXPECT_EQ(m.target->to_string(), "2001:db8::1");
  EXPECT_EQ(m.link_address, (std::array<uint8_t, 6>{2, 0, 0, 0, 0, 0x10}));
  const std::string mtu = "\x05\x01\0\0\0\0\x05\xdc"s;
  EXPECT_TRUE(parse(true, 134, 0, 0, as_bytes(std::string(8, 0) + mtu + kLinkAddress)).link_address) << "behind another option";
  EXPECT_TRUE(parse(true, 133, 0, 0, as_bytes(kLinkAddress)).link_address);
  const Message redirect = parse(true, 137, 0, 0, as_bytes(kAddress1 + kAddress10));
  EXPECT_EQ(redirect.gateway->to_string(), "2001:db8::1");
  EXPECT_EQ(redirect.target->to_string(), "2001:db8::10");
}

TEST(Icmp, AnOptionWithoutLengthEndsThem) {
  EXPECT_FALSE(parse(true, 135, 0, 0, as_bytes(kAddress1 + "\x0e\0\0\0\0\0\0\0"s + kLinkAddress)).link_address);
}

TEST(Icmp, Truncated) {
  for (size_t n = 0; n < 20; n++) EXPECT_FALSE(parse(false, 3, 1, 0, as_bytes(kUdp4).first(n)).quoted) << n;
  for (size_t n = 20; n < 24; n++) EXPECT_EQ(parse(false, 3, 1, 0, as_bytes(kUdp4).first(n)).quoted->dst_port, 0) << n;
  for (size_t n = 0; n < 40; n++) EXPECT_FALSE(parse(true, 1, 0, 0, as_bytes(kTcp6).first(n)).quoted) << n;
  const std::string neighbour = kAddress1 + kLinkAddress;
  for (size_t n = 0; n < neighbour.size(); n++) {
    const Message m = parse(true, 136, 0, 0, as_bytes(neighbour).first(n));
    EXPECT_EQ(m.target.has_value(), n >= 16) << n;
    EXPECT_FALSE(m.link_address) << n;
  }
  for (const char head : {'\x65', '\x44'}) {
    std::string bad = kUdp4;
    bad[0] = head;
    EXPECT_FALSE(parse(false, 3, 1, 0, as_bytes(bad)).quoted) << "another version, a header that is too short";
  }
}

TEST(Icmp, Names) {
  EXPECT_EQ(type_name(false, 8), "echo request");
  EXPECT_EQ(type_name(true, 135), "neighbour solicitation");
  EXPECT_EQ(type_name(false, 135), "");
}

}  // namespace
}  // namespace sensor::icmp
