#include "src/session/ntp_analyzer.h"

#include <gtest/gtest.h>

#include "fake_context.h"
#include "test_certificates.h"

namespace sensor {
namespace {

/// A message whose receive and transmit times are the beginning of 1970 and half a second later.
std::string message(std::string_view first_bytes, std::string_view reference_id) {
  std::string m(as_chars(test::from_hex(first_bytes)));
  m.resize(12);
  m += reference_id;
  m.resize(32);
  return m + std::string(as_chars(test::from_hex("83aa7e800000000083aa7e8080000000")));
}

struct Ntp : testing::Test {
  Ntp() { c.transport_protocol = Transport::Udp; }
  FakeContext c;
  NtpAnalyzer ntp;
  void from(Direction d, std::string_view datagram) { ntp.on_data(c, d, as_bytes(datagram)); }
};

TEST_F(Ntp, QuestionAndAnswer) {
  from(Direction::Orig, message("23000620", {}));
  from(Direction::Resp, message("240206ec00008000", std::string("\xc0\0\2\x63", 4)));
  EXPECT_EQ(c.confirmed, std::vector<std::string>{"ntp"});
  const auto rows = c.rows("ntp");
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0].at("mode"), "3");
  EXPECT_EQ(rows[0].at("ref_id"), "\\x00\\x00\\x00\\x00");
  EXPECT_EQ(rows[0].at("ref_time"), "0.000000");
  const RowText& r = rows[1];
  EXPECT_EQ(r.at("version"), "4");
  EXPECT_EQ(r.at("mode"), "4");
  EXPECT_EQ(r.at("stratum"), "2");
  EXPECT_EQ(r.at("poll"), "64.000000");
  EXPECT_EQ(r.at("precision"), "0.000001");
  EXPECT_EQ(r.at("root_delay"), "0.500000");
  EXPECT_EQ(r.at("ref_id"), "192.0.2.99");
  EXPECT_EQ(r.at("rec_time"), "0.000000");
  EXPECT_EQ(r.at("xmt_time"), "0.500000");
  EXPECT_EQ(r.at("num_exts"), "0");
  EXPECT_EQ(c.role_flips, 0);
}

TEST_F(Ntp, KindOfReferenceClock) {
  from(Direction::Resp, message("240106ec", std::string("GPS\0", 4)));
  from(Direction::Resp, message("e40006ec", "RATE"));
  ASSERT_EQ(c.rows("ntp").size(), 2u);
  EXPECT_EQ(c.rows("ntp")[0].at("ref_id"), "GPS\\x00");
  EXPECT_EQ(c.rows("ntp")[1].at("ref_id"), "RATE");
}

TEST_F(Ntp, OnlyTheTimeHasARow) {
  from(Direction::Orig, std::string("\x16\x02\0\1\0\0\0\0\0\0\0\0", 12));
  from(Direction::Orig, std::string("\x17\0\3\x2a\0\0\0\0", 8));
  EXPECT_EQ(c.confirmed, std::vector<std::string>{"ntp"});
  EXPECT_TRUE(c.rows("ntp").empty());
  from(Direction::Orig, " ");  // a mode without a meaning
  ASSERT_EQ(c.rows("ntp").size(), 1u);
  EXPECT_EQ(c.rows("ntp")[0].at("mode"), "0");
  EXPECT_EQ(c.rows("ntp")[0].at("stratum"), "-");
}

TEST_F(Ntp, AnswersTurnTheRolesRound) {
  from(Direction::Orig, message("24020600", {}));
  EXPECT_EQ(c.role_flips, 1);
  EXPECT_EQ(c.rows("ntp").at(0).at("id.orig_p"), "80");
  from(Direction::Orig, message("24020600", {}));  // two that both answer
  EXPECT_EQ(c.role_flips, 1);
  from(Direction::Resp, message("23020600", {}));
  from(Direction::Resp, message("23020600", {}));
  EXPECT_EQ(c.role_flips, 2);
}

TEST_F(Ntp, SleepsBetweenMessages) {
  EXPECT_FALSE(ntp.at_rest());
  from(Direction::Orig, message("24020600", {}));
  ASSERT_TRUE(ntp.at_rest());
  NtpAnalyzer awake;
  awake.wake(c, ntp.sleep());
  EXPECT_TRUE(awake.at_rest());
  awake.on_data(c, Direction::Orig, as_bytes(message("24020600", {})));
  EXPECT_EQ(c.role_flips, 1);
}

TEST_F(Ntp, Malformed) {
  from(Direction::Orig, message("23000620", {}).substr(0, 47));
  EXPECT_EQ(c.violations.size(), 1u);
  EXPECT_TRUE(c.confirmed.empty());
  EXPECT_TRUE(c.rows("ntp").empty());
}

TEST(NtpProbe, Answers) {
  const std::string answer = message("240206ec", std::string("\xc0\0\2\x63", 4)).replace(24, 1, "x");
  EXPECT_EQ(probe_ntp({{}, as_bytes(answer)}), Probe::Certain);
  EXPECT_EQ(probe_ntp({as_bytes(answer), {}}), Probe::Certain);
  EXPECT_EQ(probe_ntp({as_bytes(message("23000620", {})), {}}), Probe::NotForUs);
}

}  // namespace
}  // namespace sensor
