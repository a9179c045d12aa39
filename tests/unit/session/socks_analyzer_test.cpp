#include "src/session/socks_analyzer.h"

#include <gtest/gtest.h>

#include "fake_context.h"

namespace sensor {
namespace {

using namespace std::string_literals;

struct Socks : testing::Test {
  FakeContext c;
  SocksAnalyzer socks;
  void client(const std::string& t) { socks.on_data(c, Direction::Orig, as_bytes(t)); }
  void server(const std::string& t) { socks.on_data(c, Direction::Resp, as_bytes(t)); }
};

TEST_F(Socks, V5WithLogin) {
  client("\x05\x02\x00\x02"s);
  server("\x05\x02"s);
  client(
      "\x01\x03"
      "bob\x06secret"s);
  server("\x01\x00"s);
  client("\x05\x01\x00\x01\xc0\x00\x02\x09\x00\x16"s);
  EXPECT_EQ(c.proxies, (std::vector<TunnelType>{TunnelType::Socks}));
  EXPECT_TRUE(c.confirmed.empty());
  server("\x05\x00\x00\x01\xc0\x00\x02\x01\xda\x8f"s);
  EXPECT_EQ(c.confirmed, (std::vector<std::string>{"socks"}));
  client("SSH-2.0-x\r\n");
  server("SSH-2.0-y\r\n");
  EXPECT_EQ(c.detection_starts, 1);
  EXPECT_EQ(c.handed_on, "SSH-2.0-x\r\n");
  socks.on_finish(c);
  const RowText r = c.rows("socks").at(0);
  EXPECT_EQ(r.at("version"), "5");
  EXPECT_EQ(r.at("user"), "bob");
  EXPECT_EQ(r.at("password"), "-");
  EXPECT_EQ(r.at("status"), "succeeded");
  EXPECT_EQ(r.at("request.host"), "192.0.2.9");
  EXPECT_EQ(r.at("request_p"), "22");
  EXPECT_EQ(r.at("bound_p"), "55951");
}

TEST_F(Socks, ReservedByte) {
  client("\x05\x01\x00"s);
  server("\x05\x00"s);
  client("\x05\x01\x00\x01\xc0\x00\x02\x09\x00\x16"s);
  server("\x05\x00\x07\x01\xc0\x00\x02\x01\xda\x8f"s);
  EXPECT_TRUE(c.violations.empty());
  EXPECT_EQ(c.confirmed, (std::vector<std::string>{"socks"}));
  SocksAnalyzer other;
  other.on_data(c, Direction::Orig, as_bytes("\x05\x01\x00"s));
  other.on_data(c, Direction::Resp, as_bytes("\x05\x00"s));
  other.on_data(c, Direction::Orig, as_bytes("\x05\x01\x07\x01\xc0\x00\x02\x09\x00\x16"s));
  EXPECT_EQ(c.violations.size(), 1u);
}
TEST_F(Socks, V4a) {
  client("\x04\x01\x00\x50\x00\x00\x00\x01"s + "me\0example.com\0"s);
  server("\x00\x5b\x00\x50\xc0\x00\x02\x01"s);
  socks.on_finish(c);
  const RowText r = c.rows("socks").at(0);
  EXPECT_EQ(r.at("version"), "4");
  EXPECT_EQ(r.at("request.name"), "example.com");
  EXPECT_EQ(r.at("status"), "general SOCKS server failure");
}

TEST_F(Socks, AnyDivision) {
  const std::string text = "\x05\x01\x00\x05\x01\x00\x03\x0b"s + "example.com" + "\x00\x50"s;
  for (size_t cut = 0; cut < text.size(); cut++) {
    FakeContext context;
    SocksAnalyzer a;
    a.on_data(context, Direction::Orig, as_bytes(text).first(std::min<size_t>(cut, 3)));
    if (cut < 3) a.on_data(context, Direction::Orig, as_bytes(text).subspan(cut, 3 - cut));
    a.on_data(context, Direction::Resp, as_bytes("\x05\x00"s));
    const size_t at = std::max<size_t>(cut, 3);
    a.on_data(context, Direction::Orig, as_bytes(text).subspan(3, at - 3));
    a.on_data(context, Direction::Orig, as_bytes(text).subspan(at));
    EXPECT_EQ(context.proxies.size(), 1u) << cut;
    EXPECT_TRUE(context.violations.empty()) << cut;
  }
}

TEST_F(Socks, ViolationsAndUnknownLogins) {
  client("\x05\x01\x01"s);
  server("\x05\x01"s);
  client("token");
  server("token");
  EXPECT_EQ(c.weirds.size(), 2u);
  client("\x05\x09\x00\x01\xc0\x00\x02\x09\x00\x16"s);
  EXPECT_EQ(c.violations.size(), 1u);
  server("\x05\x00\x00\x01\xc0\x00\x02\x01\xda\x8f"s);
  socks.on_finish(c);
  EXPECT_TRUE(c.rows("socks").empty());
}

TEST_F(Socks, NothingIsReadBehindAGap) {
  socks.on_gap(c, Direction::Orig, 3);
  client("GET /");
  EXPECT_TRUE(c.violations.empty());
}

}  // namespace
}  // namespace sensor
