#include "src/session/websocket_analyzer.h"

#include <gtest/gtest.h>

#include "fake_context.h"

namespace sensor {
namespace {

using namespace std::string_literals;

struct WebSocket : testing::Test {
  FakeContext c;
  WebsocketAnalyzer ws;
  void client(const std::string& t) { ws.on_data(c, Direction::Orig, as_bytes(t)); }
  void server(const std::string& t) { ws.on_data(c, Direction::Resp, as_bytes(t)); }
};

TEST_F(WebSocket, PayloadIsUnmaskedAndHandedInside) {
  client("\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58"s);  // RFC 6455 section 5.7
  EXPECT_EQ(c.inside[0], "Hello");
  EXPECT_EQ(c.confirmed, (std::vector<std::string>{"websocket"}));
  EXPECT_EQ(c.inside_starts, 1);
  server("\x82\x7e\x01\x00"s + std::string(256, 'x'));
  EXPECT_EQ(c.inside[1], std::string(256, 'x'));
  EXPECT_EQ(c.inside_starts, 1);
}

TEST_F(WebSocket, FragmentsAndControlFrames) {
  server("\x01\x03Hel"s);
  EXPECT_TRUE(c.confirmed.empty());
  server("\x80\x02lo"s);
  EXPECT_EQ(c.inside[1], "Hello");
  server("\x89\x05Hello\x88\x00"s);
  EXPECT_EQ(c.inside[1], "Hello");
  EXPECT_TRUE(c.violations.empty());
}

TEST_F(WebSocket, AnyDivision) {
  const std::string text = "\x01\x83\x01\x02\x03\x04"s + "I`o" + "\x80\x7e\x00\x80"s + std::string(128, 'y');
  for (size_t cut = 0; cut <= text.size(); cut++) {
    FakeContext context;
    WebsocketAnalyzer analyzer;
    analyzer.on_data(context, Direction::Orig, as_bytes(text).first(cut));
    analyzer.on_data(context, Direction::Orig, as_bytes(text).subspan(cut));
    EXPECT_EQ(context.inside[0], "Hbl" + std::string(128, 'y')) << cut;
    EXPECT_EQ(context.confirmed.size(), 1u) << cut;
  }
}

TEST_F(WebSocket, LargeControlFrameIsWeird) {
  server("\x88\x7e\x01\x02"s + std::string(258, 'r'));
  ASSERT_EQ(c.weirds.size(), 1u);
  EXPECT_EQ(c.weirds[0].name, "websocket_control_frame_size_exceeded");
  EXPECT_EQ(c.weirds[0].addl, "258 > 125");
}

TEST_F(WebSocket, ContinuationOfNothingIsAViolation) {
  server("\x80\x01x"s);
  EXPECT_EQ(c.violations.size(), 1u);
}

TEST_F(WebSocket, HalfAStatusIsAViolation) {
  server("\x88\x02\x03\xe8"s);
  EXPECT_EQ(c.violations.size(), 0u);
  server("\x88\x01\x03"s);
  EXPECT_EQ(c.violations.size(), 1u);
  EXPECT_EQ(c.confirmed.size(), 1u);
}

TEST_F(WebSocket, NothingIsReadBehindAGap) {
  ws.on_gap(c, Direction::Orig, 10);
  client("\x81\x01x"s);
  EXPECT_EQ(c.inside[0], "");
}

}  // namespace
}  // namespace sensor
