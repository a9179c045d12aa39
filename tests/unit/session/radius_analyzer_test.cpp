#include "src/session/radius_analyzer.h"

#include <gtest/gtest.h>

#include "fake_context.h"

namespace sensor {
namespace {

std::string attribute(uint8_t type, std::string_view value) {
  return static_cast<char>(type) + std::string(1, static_cast<char>(value.size() + 2)) + std::string(value);
}
std::string message(radius::Code code, const std::string& attributes = {}) {
  std::string m{static_cast<char>(code), 1, 0, static_cast<char>(20 + attributes.size())};
  return m + std::string(16, 'a') + attributes;
}

struct Radius : testing::Test {
  Radius() { c.transport_protocol = Transport::Udp; }
  FakeContext c;
  RadiusAnalyzer radius;
  void from(Direction d, const std::string& datagram) { radius.on_data(c, d, as_bytes(datagram)); }
  void request(const std::string& attributes = {}) { from(Direction::Orig, message(radius::Code::AccessRequest, attributes)); }
};

TEST_F(Radius, AChallengeAndItsOutcome) {
  request(attribute(1, "bob") + attribute(31, "00-14-22-E9-54-5E") + attribute(66, "198.51.100.7") + attribute(77, "CONNECT"));
  EXPECT_FALSE(radius.at_rest());
  from(Direction::Resp, message(radius::Code::AccessChallenge, attribute(8, std::string("\xc0\0\2\x4d", 4)) + attribute(18, "Your code?")));
  request(attribute(1, "alice"));
  c.now_ns += kSecond / 2;
  from(Direction::Resp, message(radius::Code::AccessAccept, attribute(18, "Hello")));
  EXPECT_TRUE(radius.at_rest());
  EXPECT_EQ(c.confirmed, std::vector<std::string>{"radius"});
  ASSERT_EQ(c.rows("radius").size(), 1u);
  const RowText r = c.rows("radius")[0];
  EXPECT_EQ(r.at("username"), "bob");
  EXPECT_EQ(r.at("mac"), "00:14:22:e9:54:5e");
  EXPECT_EQ(r.at("framed_addr"), "192.0.2.77");
  EXPECT_EQ(r.at("tunnel_client"), "198.51.100.7");
  EXPECT_EQ(r.at("connect_info"), "CONNECT");
  EXPECT_EQ(r.at("reply_msg"), "Your code?");
  EXPECT_EQ(r.at("result"), "success");
  EXPECT_EQ(r.at("ttl"), "0.500000");
}

TEST_F(Radius, EveryAttemptHasARow) {
  request(attribute(1, "bob"));
  from(Direction::Resp, message(radius::Code::AccessReject));
  request(attribute(1, "bob"));
  radius.on_finish(c);
  radius.on_finish(c);
  const auto rows = c.rows("radius");
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0].at("result"), "failed");
  EXPECT_EQ(rows[0].at("ttl"), "-");
  EXPECT_EQ(rows[1].at("result"), "unknown");
}

TEST_F(Radius, HardwareAddresses) {
  const auto mac = [&](std::string_view station) {
    request(attribute(31, station));
    radius.on_finish(c);
    return c.rows("radius").back().at("mac");
  };
  EXPECT_EQ(mac("0014.22E9.545E"), "00:14:22:e9:54:5e");
  EXPECT_EQ(mac("001422e9545e7788"), "00:14:22:e9:54:5e:77:88");
  EXPECT_EQ(mac("+49 30 123456"), "(empty)");
}

TEST_F(Radius, ShortAddress) {
  from(Direction::Resp, message(radius::Code::AccessChallenge, attribute(8, "abc")));
  radius.on_finish(c);
  EXPECT_EQ(c.rows("radius").at(0).at("framed_addr"), "0.0.0.0");
}

TEST_F(Radius, Malformed) {
  from(Direction::Orig, message(radius::Code::AccessRequest).substr(0, 19));
  EXPECT_EQ(c.violations.size(), 1u);
  radius.on_finish(c);
  EXPECT_TRUE(c.rows("radius").empty());
}

TEST(RadiusProbe, Requests) {
  const std::string request = message(radius::Code::AccessRequest, attribute(1, "bob") + attribute(32, "nas"));
  EXPECT_EQ(probe_radius({as_bytes(request), {}}), Probe::Certain);
  EXPECT_EQ(probe_radius({{}, as_bytes(message(radius::Code::AccessAccept))}), Probe::NotForUs);
}

}  // namespace
}  // namespace sensor
