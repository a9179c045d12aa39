#include "dpi/radius/radius.h"

#include <gtest/gtest.h>

#include "test_certificates.h"

namespace sensor::radius {
namespace {

// What radclient sends to FreeRADIUS, and a challenge from there.
const auto kRequest = test::from_hex(
    "01960059f7468014385a3b566ffdee9d88480b550105626f6202121ae9fa4453de4330da3bb60b6086238c0406c000020a1f1730302d31342d32322d45392d35342d"
    "35453a6c61624d11434f4e4e454354203534204d627073");
const auto kChallenge = test::from_hex("0bfa002908df0d5759d5aa1a3674852226e28560120c596f757220636f64653f0806c000024d180331");

std::string text(const Message& m, uint8_t type) {
  const auto value = find(m, type);
  return value ? std::string(as_chars(*value)) : "none";
}

TEST(Radius, Messages) {
  Message m;
  ASSERT_TRUE(parse(kRequest, m));
  EXPECT_EQ(m.code, Code::AccessRequest);
  EXPECT_EQ(m.identifier, 0x96);
  EXPECT_EQ(text(m, attribute::kUserName), "bob");
  EXPECT_EQ(text(m, attribute::kCallingStationId), "00-14-22-E9-54-5E:lab");
  EXPECT_EQ(text(m, attribute::kConnectInfo), "CONNECT 54 Mbps");
  EXPECT_EQ(text(m, attribute::kReplyMessage), "none");
  ASSERT_TRUE(parse(kChallenge, m));
  EXPECT_EQ(m.code, Code::AccessChallenge);
  EXPECT_EQ(text(m, attribute::kReplyMessage), "Your code?");
}

TEST(Radius, TheFirstAttributeCountsAndPaddingDoesNot) {
  Message m;
  auto two = test::from_hex("0101001a000000000000000000000000000000000103610103620000");
  ASSERT_TRUE(parse(two, m));
  EXPECT_EQ(text(m, attribute::kUserName), "a");
}

TEST(Radius, EveryTruncationIsMalformed) {
  Message m;
  for (const auto& whole : {kRequest, kChallenge}) {
    for (size_t n = 0; n < whole.size(); n++) EXPECT_FALSE(parse(Bytes(whole).first(n), m)) << n;
  }
}

TEST(Radius, Malformed) {
  Message m;
  EXPECT_FALSE(parse(test::from_hex("01010013000000000000000000000000000000000000"), m));  // a length below a header's
  EXPECT_FALSE(parse(test::from_hex("0101001600000000000000000000000000000000"
                                    "0101"),
                     m));
  EXPECT_FALSE(parse(test::from_hex("0101001600000000000000000000000000000000"
                                    "0103"),
                     m));
  EXPECT_FALSE(parse(test::from_hex("0101001500000000000000000000000000000000"
                                    "01"),
                     m));
}

TEST(Radius, RequestsAreRecognised) {
  EXPECT_TRUE(looks_like_request(kRequest));
  EXPECT_FALSE(looks_like_request(kChallenge));
  auto longer = kRequest;
  longer.push_back(0);
  EXPECT_FALSE(looks_like_request(longer));
  auto anonymous = kRequest;
  anonymous[20] = 24;  // State in the place of User-Name
  EXPECT_FALSE(looks_like_request(anonymous));
  for (size_t n = 0; n < kRequest.size(); n++) EXPECT_FALSE(looks_like_request(Bytes(kRequest).first(n)));
}

}  // namespace
}  // namespace sensor::radius
