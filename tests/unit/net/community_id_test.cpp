#include "sensor/net/community_id.h"

#include <gtest/gtest.h>

namespace sensor {
namespace {

std::string id(uint8_t proto, std::string_view src, uint16_t sport, std::string_view dst, uint16_t dport, uint16_t seed = 0) {
  std::array<char, kCommunityIdChars> out;
  const size_t n = community_id({*IpAddress::parse(src), *IpAddress::parse(dst), sport, dport, proto}, seed, out);
  return std::string(out.data(), n);
}

// Values published with the specification.
TEST(CommunityId, PublishedValues) {
  EXPECT_EQ(id(6, "128.232.110.120", 34855, "66.35.250.204", 80), "1:LQU9qZlK+B5F3KDmev6m5PMibrg=");
  EXPECT_EQ(id(6, "66.35.250.204", 80, "128.232.110.120", 34855), "1:LQU9qZlK+B5F3KDmev6m5PMibrg=");
  EXPECT_EQ(id(17, "192.168.1.52", 54585, "8.8.8.8", 53), "1:d/FP5EW3wiY1vCndhwleRRKHowQ=");
  EXPECT_EQ(id(6, "128.232.110.120", 34855, "66.35.250.204", 80, 1), "1:3V71V58M3Ksw/yuFALMcW0LAHvc=");
}

TEST(CommunityId, IcmpPairsAreOrderedAndOthersAreNot) {
  const std::string request = id(1, "192.168.0.89", 8, "192.168.0.1", 0);
  EXPECT_EQ(request, "1:X0snYXpgwiv9TZtqg64sgzUn6Dk=");
  EXPECT_EQ(id(1, "192.168.0.1", 0, "192.168.0.89", 8), request);
  EXPECT_NE(id(1, "192.168.0.89", 11, "192.168.0.1", 0), id(1, "192.168.0.1", 11, "192.168.0.89", 0));
  EXPECT_EQ(id(58, "fe80::1", 135, "fe80::2", 0), id(58, "fe80::2", 136, "fe80::1", 0));
}

TEST(CommunityId, ProtocolsWithoutPortsIgnoreThem) {
  EXPECT_EQ(id(47, "10.0.0.1", 1, "10.0.0.2", 2), id(47, "10.0.0.2", 0, "10.0.0.1", 0));
  EXPECT_NE(id(132, "10.0.0.1", 1, "10.0.0.2", 2), id(132, "10.0.0.1", 1, "10.0.0.2", 3));
}

TEST(CommunityId, NeedsRoom) {
  std::array<char, kCommunityIdChars - 1> out;
  EXPECT_EQ(community_id({}, 0, out), 0u);
}

}  // namespace
}  // namespace sensor
