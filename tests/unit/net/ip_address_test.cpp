#include "sensor/net/ip_address.h"

#include <arpa/inet.h>
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

// All placements of zero groups among the eight, with short and long groups between them.
TEST(IpAddress, TextIsThatOfTheSystem) {
  for (unsigned zero_groups = 0; zero_groups < 256; zero_groups++) {
    for (const unsigned filler : {0x0001u, 0x00f0u, 0x0a00u, 0xffffu}) {
      std::array<uint8_t, 16> bytes{};
      for (size_t i = 0; i < 8; i++) {
        if ((zero_groups >> i & 1) != 0) continue;
        bytes[2 * i] = static_cast<uint8_t>(filler >> 8);
        bytes[2 * i + 1] = static_cast<uint8_t>(filler);
      }
      const IpAddress a = IpAddress::from_bytes(bytes);
      if (a.is_v4()) continue;
      char expected[INET6_ADDRSTRLEN];
      inet_ntop(AF_INET6, bytes.data(), expected, sizeof expected);
      EXPECT_EQ(a.to_string(), expected);
    }
  }
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
