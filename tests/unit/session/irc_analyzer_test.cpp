#include "src/session/irc_analyzer.h"

#include <gtest/gtest.h>

#include "fake_context.h"

namespace sensor {
namespace {

using Rows = std::vector<std::string>;

struct Irc : testing::Test {
  FakeContext c;
  FileAnalysis files;
  IrcAnalyzer irc;
  Irc() { c.file_analysis = &files; }
  void client(const std::string& t) { irc.on_data(c, Direction::Orig, as_bytes(t + "\r\n")); }
  void server(const std::string& t) { irc.on_data(c, Direction::Resp, as_bytes(t + "\r\n")); }
  Rows rows() {
    Rows out;
    for (const RowText& r : c.rows("irc"))
      out.push_back(r.at("nick") + "|" + r.at("user") + "|" + r.at("command") + "|" + r.at("value") + "|" + r.at("addl"));
    return out;
  }
  Rows weirds() {
    Rows out;
    for (const auto& w : c.weirds) out.push_back(w.name + (w.addl.empty() ? "" : ":" + w.addl) + "@" + w.source);
    return out;
  }
};

TEST_F(Irc, NamesAndChannels) {
  client("NICK :bob");
  EXPECT_EQ(c.confirmed, (std::vector<std::string>{"irc"}));
  client("USER b host irc.example :Bob");
  c.now_ns += kSecond;
  client("JOIN #a,#b key");
  server(":tim!t@host JOIN #a");
  server(":tim!t@host NICK tom");
  EXPECT_EQ(rows(), (Rows{"-|-|NICK|bob|-", "bob|-|USER|b|host irc.example Bob", "bob|b|JOIN|#a| with channel key: 'key'",
                          "bob|b|JOIN|#b|(empty)"}));
  EXPECT_EQ(c.rows("irc").at(2).at("ts"), "1000001.000000");
  EXPECT_TRUE(c.weirds.empty());
}

TEST_F(Irc, Weirds) {
  client("xy");  // not confirmed yet
  client("PING x");
  client("xy");
  client(std::string(600, 'x'));
  client(std::string(1200, 'x'));
  server(":prefix");
  server("12 x");
  client("JOIN :");
  client("NJOIN #a");
  client("PRIVMSG bob");
  client("PRIVMSG bob :DCC SEND f");
  client("PRIVMSG bob :DCC SEND f x 1");
  client("PRIVMSG bob :DCC SEND f 1 70000");
  EXPECT_EQ(weirds(), (Rows{"irc_line_too_short@IRC", "irc_line_size_exceeded@IRC", "contentline_size_exceeded@CONTENTLINE",
                            "irc_line_size_exceeded@IRC", "irc_invalid_command@IRC", "irc_invalid_line@IRC", "irc_invalid_reply_number@IRC",
                            "irc_invalid_join_line@IRC", "irc_invalid_njoin_line@IRC", "irc_invalid_privmsg_message_format@IRC",
                            "irc_invalid_dcc_message_format@IRC", "irc_invalid_dcc_host@IRC", "irc_invalid_dcc_port:70000@IRC"}));
  EXPECT_EQ(c.violations.size(), 1u);
}

TEST_F(Irc, ManyLongCommands) {
  for (int i = 0; i < 21; i++) client(std::string(30, 'x'));
  EXPECT_EQ(weirds().back(), "irc_too_many_invalid@IRC");
  EXPECT_EQ(c.violations.size(), 1u);
}

TEST_F(Irc, TlsFollows) {
  client("STARTTLS");
  irc.on_data(c, Direction::Resp, as_bytes(":irc.example 670 * :go\r\n\x16\x03"));
  EXPECT_EQ(c.started, (std::vector<ProtocolId>{ProtocolId::Tls}));
  EXPECT_EQ(c.done_calls, 1);
}

TEST_F(Irc, CompressedLinksAreNotRead) {
  client("PASS secret 0210 IRC|abc Z");
  server("PASS secret 0210 IRC|abc Z");
  client("SERVER a 1 :a");
  EXPECT_EQ(c.done_calls, 0);
  server("SERVER b 1 :b");
  EXPECT_EQ(c.done_calls, 1);
}

TEST_F(Irc, ALineWithoutAnEnd) {
  irc.on_data(c, Direction::Orig, as_bytes("NICK bob"));
  EXPECT_TRUE(rows().empty());
  irc.on_eof(c, Direction::Orig);
  EXPECT_EQ(rows(), Rows{"-|-|NICK|bob|-"});
}

TEST_F(Irc, FilesBetweenClients) {
  client("NICK bob");
  client(
      "PRIVMSG tim :\x01"
      "DCC SEND notes.txt 3221225994 5555 11\x01");
  client(
      "PRIVMSG tim :\x01"
      "DCC CHAT chat 3221225994 5556\x01");
  ASSERT_EQ(c.expected.size(), 1u);
  EXPECT_EQ(c.expected[0].resp, IpAddress::v4(0xc000020a));
  EXPECT_EQ(c.expected[0].resp_port, 5555);
  EXPECT_EQ(c.expected[0].service, "irc-dcc-data");

  IrcDataAnalyzer data;
  data.on_expected(c, c.expected[0]);
  data.on_data(c, Direction::Resp, as_bytes("hello world"));
  data.on_data(c, Direction::Orig, as_bytes(std::string_view("\0\0\0\x0b", 4)));
  data.on_data(c, Direction::Orig, as_bytes("odd"));
  data.on_finish(c);
  ASSERT_EQ(weirds(), Rows{"irc_invalid_dcc_send_ack@IRC_DATA"});
  const RowText dcc = c.rows("irc").back();
  EXPECT_EQ(dcc.at("command") + dcc.at("value"), "DCCbob");
  EXPECT_EQ(dcc.at("dcc_file_name") + dcc.at("dcc_file_size") + dcc.at("dcc_mime_type"), "notes.txt11text/plain");
  const RowText file = c.rows("files").at(0);
  EXPECT_EQ(file.at("source") + file.at("filename"), "IRC_DATAnotes.txt");
  EXPECT_EQ(file.at("fuid"), dcc.at("fuid"));
  client("NICK rob");
  EXPECT_EQ(c.rows("irc").back().at("dcc_file_name"), "-");
  EXPECT_EQ(c.rows("irc").back().at("command"), "NICK");
}

TEST_F(Irc, AFileThatNobodyAnnouncedHere) {
  IrcDataAnalyzer data;
  data.on_expected(c, Expectation{});
  data.on_data(c, Direction::Resp, as_bytes("hello"));
  data.on_gap(c, Direction::Resp, 10);
  data.on_gap(c, Direction::Orig, 10);
  data.on_finish(c);
  EXPECT_EQ(c.rows("files").size(), 1u);
  EXPECT_TRUE(rows().empty());
}

}  // namespace
}  // namespace sensor
