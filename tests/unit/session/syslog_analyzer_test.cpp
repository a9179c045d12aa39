#include "src/session/syslog_analyzer.h"

#include <gtest/gtest.h>

#include "fake_context.h"

namespace sensor {
namespace {

struct Syslog : testing::Test {
  Syslog() { c.transport_protocol = Transport::Udp; }
  FakeContext c;
  SyslogAnalyzer syslog;
  void from(Direction d, std::string_view datagram) { syslog.on_data(c, d, as_bytes(datagram)); }
};

TEST_F(Syslog, ARowForEachMessage) {
  EXPECT_FALSE(syslog.at_rest());
  from(Direction::Orig, "<34>Oct 11 22:14:15 host su: failed\n");
  from(Direction::Resp, "X");
  EXPECT_TRUE(syslog.at_rest());
  EXPECT_EQ(c.confirmed, std::vector<std::string>{"syslog"});
  const auto rows = c.rows("syslog");
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0].at("proto"), "udp");
  EXPECT_EQ(rows[0].at("facility"), "AUTH");
  EXPECT_EQ(rows[0].at("severity"), "CRIT");
  EXPECT_EQ(rows[0].at("message"), "Oct 11 22:14:15 host su: failed\\x0a");
  EXPECT_EQ(rows[1].at("facility"), "UNSPECIFIED");
  EXPECT_EQ(rows[1].at("message"), "X");
}

TEST_F(Syslog, LongMessagesAreCutOff) {
  from(Direction::Orig, "<34>" + std::string(65000, 'x'));
  ASSERT_EQ(c.rows("syslog").size(), 1u);
  EXPECT_EQ(c.rows("syslog")[0].at("message").size(), SyslogAnalyzer::kMaxText);
  EXPECT_EQ(c.catcher.writer().records_too_large(), 0u);
}

TEST_F(Syslog, Malformed) {
  from(Direction::Orig, "<34");
  EXPECT_EQ(c.violations.size(), 1u);
  EXPECT_TRUE(c.rows("syslog").empty());
}

TEST(SyslogProbe, Messages) {
  EXPECT_EQ(probe_syslog({as_bytes("<34>Oct 11 22:14:15 host su: failed"), {}}), Probe::Certain);
  EXPECT_EQ(probe_syslog({{}, as_bytes("<34>failed")}), Probe::NotForUs);
}

}  // namespace
}  // namespace sensor
