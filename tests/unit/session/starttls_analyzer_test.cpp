#include "src/session/starttls_analyzer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fake_context.h"

namespace sensor {
namespace {

using testing::ElementsAre;

TEST(StarttlsAnalyzer, NamesTheServiceAndHandsOver) {
  FakeContext c;
  StarttlsAnalyzer a;
  a.on_data(c, Direction::Resp, as_bytes("* OK ready\r\n"));
  EXPECT_THAT(c.confirmed, ElementsAre("imap"));
  a.on_data(c, Direction::Orig, as_bytes("a1 STARTTLS\r\n"));
  EXPECT_TRUE(c.started.empty());
  a.on_data(c, Direction::Resp, as_bytes("a1 OK go\r\n"));
  EXPECT_THAT(c.started, ElementsAre(ProtocolId::Tls));
  EXPECT_EQ(c.done_calls, 1);
}

TEST(StarttlsAnalyzer, OddRequestsAreWeird) {
  FakeContext c;
  StarttlsAnalyzer a;
  a.on_data(c, Direction::Resp, as_bytes("* OK ready\r\n"));
  a.on_data(c, Direction::Orig, as_bytes("a1 STARTTLS\r\n"));
  a.on_data(c, Direction::Resp, as_bytes("a1 BAD no\r\n"));
  ASSERT_EQ(c.weirds.size(), 1u);
  EXPECT_EQ(c.weirds[0].name, "IMAP: server refused StartTLS");
  EXPECT_EQ(c.weirds[0].source, "IMAP");
}

TEST(StarttlsAnalyzer, AGapEndsTheWatch) {
  FakeContext c;
  StarttlsAnalyzer a;
  a.on_gap(c, Direction::Orig, 10);
  EXPECT_EQ(c.done_calls, 1);
}

TEST(StarttlsAnalyzer, UnknownTalkIsGivenUp) {
  FakeContext c;
  StarttlsAnalyzer a;
  const std::string text(1000, 'x');
  for (int i = 0; i < 9; i++) a.on_data(c, Direction::Orig, as_bytes(text));
  EXPECT_EQ(c.done_calls, 1);
  EXPECT_TRUE(c.confirmed.empty());
}

}  // namespace
}  // namespace sensor
