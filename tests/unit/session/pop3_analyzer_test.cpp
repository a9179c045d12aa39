#include "src/session/pop3_analyzer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dpi/ndpi/ndpi_classifier.h"
#include "fake_context.h"

namespace sensor {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

struct Pop3Session : testing::Test {
  FakeContext c;
  FileAnalysis files;
  Pop3Analyzer pop3;
  Pop3Session() { c.file_analysis = &files; }
  void client(std::string_view bytes) { pop3.on_data(c, Direction::Orig, as_bytes(bytes)); }
  void server(std::string_view bytes) { pop3.on_data(c, Direction::Resp, as_bytes(bytes)); }
};

TEST_F(Pop3Session, NamesTheServiceAndHandsOverToTls) {
  server("+OK ready\r\n");
  client("CAPA\r\n");
  EXPECT_THAT(c.confirmed, IsEmpty());
  server("+OK\r\nSTLS\r\n.\r\n");
  EXPECT_THAT(c.confirmed, ElementsAre("pop3"));
  client("STLS\r\n");
  EXPECT_THAT(c.started, IsEmpty());
  server("+OK go\r\n\x16\x03");
  EXPECT_THAT(c.started, ElementsAre(ProtocolId::Tls));
  EXPECT_THAT(c.variants, ElementsAre(ConfirmedProtocol::Pops));
  EXPECT_EQ(c.done_calls, 1);
}

TEST_F(Pop3Session, WeirdsAndViolations) {
  server("+OK ready\r\n");
  client("HELLO\r\n");
  server("500 what?\r\n");
  ASSERT_EQ(c.weirds.size(), 2u);
  EXPECT_EQ(c.weirds[0].name, "pop3_client_command_unknown");
  EXPECT_EQ(c.weirds[0].addl, "HELLO");
  EXPECT_EQ(c.weirds[0].source, "POP3");
  EXPECT_EQ(c.weirds[1].name, "pop3_server_command_unknown");
  EXPECT_THAT(c.violations, ElementsAre("unknown server command (500)"));
}

TEST_F(Pop3Session, PartsOfMailsAreFiles) {
  server("+OK\r\n");
  client("RETR 1\r\n");
  server(
      "+OK\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\na few words\r\n--b\r\n"
      "Content-Transfer-Encoding: base64\r\n\r\nJVBERi0xLjUKJSVFT0YK\r\n--b--\r\n.\r\n");
  const auto rows = c.rows("files");
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0].at("source"), "POP3");
  EXPECT_EQ(rows[0].at("is_orig"), "F");
  EXPECT_EQ(rows[0].at("mime_type"), "text/plain");
  EXPECT_EQ(rows[0].at("seen_bytes"), "11");
  EXPECT_EQ(rows[1].at("mime_type"), "application/pdf");
  EXPECT_EQ(rows[1].at("seen_bytes"), "15");
  EXPECT_NE(rows[0].at("fuid"), rows[1].at("fuid"));
  EXPECT_EQ(files.open_files(), 0u);
}

TEST_F(Pop3Session, AMailMayEndWithTheConnection) {
  server("+OK\r\n");
  client("RETR 1\r\n");
  server("+OK\r\nSubject: x\r\n\r\nhalf");
  pop3.on_eof(c, Direction::Resp);
  pop3.on_finish(c);
  EXPECT_THAT(c.weirds, IsEmpty());
  EXPECT_THAT(c.violations, IsEmpty());
  ASSERT_EQ(c.rows("files").size(), 1u);
  EXPECT_EQ(c.rows("files")[0].at("seen_bytes"), "6");
}

TEST_F(Pop3Session, OversizedHeadersAreInTheHistory) {
  server("+OK\r\n");
  client("RETR 1\r\n");
  server("+OK\r\nSubject: x\r\n");
  for (int i = 0; i < 70; i++) server(std::string(1000, ' ') + "\r\n");
  EXPECT_EQ(c.history.substr(0, 1), "X");
}

TEST(Pop3Probe, IsCertainByBothSides) {
  EXPECT_EQ(probe_pop3({as_bytes("CAPA\r\n"), as_bytes("+OK\r\n")}), Probe::Certain);
  EXPECT_EQ(probe_pop3({as_bytes(""), as_bytes("+OK\r\n")}), Probe::Unsure);
  EXPECT_EQ(probe_pop3({as_bytes("CAPA\r\n"), as_bytes("220\r\n")}), Probe::NotForUs);
}

}  // namespace
}  // namespace sensor
