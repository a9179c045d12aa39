#include "sensor/net/ip_address.h"

#include <gtest/gtest.h>

#include "sensor/net/packet.h"

namespace sensor {
namespace {

TEST(IpAddress, TextRoundTrip) {
  for (const char* text : {"0.0.0.0", "10.0.0.1", "192.168.100.255", "::", "::1", "2001:db8::1:0:0:1", "fe80::1"})
    EXPECT_EQ(IpAddress::parse(text)->to_string(), text);
  EXPECT_FALSE(IpAddress::parse("10.0.0"));
  EXPECT_FALSE(IpAddress::parse("10.0.0.1.example.org.and.a.name.longer.than.any.address"));
}

TEST(IpAddress, FamiliesDoNotMix) {
  EXPECT_TRUE(IpAddress::v4(0x0a000001).is_v4());
  EXPECT_EQ(IpAddress::v4(0x0a000001), *IpAddress::parse("10.0.0.1"));
  EXPECT_EQ(IpAddress::v4(0x0a000001).wire_bytes().size(), 4u);
  EXPECT_FALSE(IpAddress::parse("::a00:1")->is_v4());
  EXPECT_NE(*IpAddress::parse("::a00:1"), IpAddress::v4(0x0a000001));
}

TEST(IpAddress, ShardIsSymmetric) {
  const auto a = *IpAddress::parse("10.0.0.1"), b = *IpAddress::parse("2001:db8::1");
  EXPECT_EQ(symmetric_address_hash(a, b, 1), symmetric_address_hash(b, a, 1));
  EXPECT_NE(symmetric_address_hash(a, b, 1), symmetric_address_hash(a, b, 2));
}

}  // namespace
}  // namespace sensor
