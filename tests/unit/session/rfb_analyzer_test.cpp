#include "src/session/rfb_analyzer.h"

#include <gtest/gtest.h>

#include "fake_context.h"
#include "rfb_messages.h"

namespace sensor {
namespace {

using namespace test;

struct RfbSession : testing::Test {
  FakeContext c;
  RfbAnalyzer rfb;
  void client(const std::string& t) { rfb.on_data(c, Direction::Orig, as_bytes(t)); }
  void server(const std::string& t) { rfb.on_data(c, Direction::Resp, as_bytes(t)); }
};

TEST_F(RfbSession, AScreen) {
  server(rfb_version("008"));
  c.now_ns += kSecond;
  client(rfb_version("007"));
  EXPECT_EQ(c.confirmed, (std::vector<std::string>{"rfb"}));
  server("\1\1");
  client("\1\1");
  EXPECT_TRUE(c.rows("rfb").empty());
  server(rfb_server_init("desk"));
  EXPECT_EQ(c.done_calls, 1);
  const RowText r = c.rows("rfb").at(0);
  EXPECT_EQ(r.at("ts"), "1000000.000000");
  EXPECT_EQ(r.at("client_major_version") + r.at("client_minor_version"), "003007");
  EXPECT_EQ(r.at("server_major_version") + r.at("server_minor_version"), "003008");
  EXPECT_EQ(r.at("authentication_method") + r.at("auth") + r.at("share_flag"), "None-T");
  EXPECT_EQ(r.at("desktop_name") + r.at("width") + r.at("height"), "desk1024768");
}

TEST_F(RfbSession, Refused) {
  server(rfb_version("003"));
  client(rfb_version("003"));
  server(rfb_u32(2) + std::string(16, 'c'));
  client(std::string(16, 'c'));
  server(rfb_u32(1));
  rfb.on_finish(c);
  EXPECT_EQ(c.rows("rfb").at(0).at("auth"), "F");
  rfb.on_finish(c);
  EXPECT_EQ(c.rows("rfb").size(), 1u);
}

TEST_F(RfbSession, TlsFollows) {
  server(rfb_version("008"));
  client(rfb_version("008"));
  server("\1\x12");
  client("\x12");
  EXPECT_EQ(c.started, (std::vector<ProtocolId>{ProtocolId::Tls}));
  EXPECT_EQ(c.done_calls, 1);
  EXPECT_EQ(c.rows("rfb").at(0).at("authentication_method"), "TLS");
}

TEST_F(RfbSession, Violations) {
  server("RFB 003x008\n");
  EXPECT_EQ(c.violations.size(), 1u);
  EXPECT_EQ(c.done_calls, 0);
}

TEST_F(RfbSession, AGapEndsTheReading) {
  server(rfb_version("008"));
  rfb.on_gap(c, Direction::Resp, 1);
  EXPECT_EQ(c.done_calls, 1);
  EXPECT_EQ(c.rows("rfb").size(), 1u);
}

}  // namespace
}  // namespace sensor
