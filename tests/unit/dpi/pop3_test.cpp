#include "dpi/pop3/pop3.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "dpi/pop3/reader.h"

namespace sensor::pop3 {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using Said = std::vector<std::string>;

/// Keeps what it is told: "confirmed", "tls 5", "violation why", "weird NAME addl"; bodies of parts apart.
struct Told final : Sink {
  Said all, bodies;
  int open_parts = 0, mails = 0;
  void on_entity_begin() override { open_parts++; }
  void on_body(Bytes bytes) override { bodies.emplace_back(as_chars(bytes)); }
  void on_entity_end() override { open_parts--; }
  void on_mail_end() override { mails++; }
  void on_confirmed() override {
    if (std::ranges::find(all, "confirmed") == all.end()) all.emplace_back("confirmed");
  }
  void on_starttls(size_t rest) override { all.push_back("tls " + std::to_string(rest)); }
  void on_violation(std::string_view reason) override { all.push_back("violation " + std::string(reason)); }
  void on_weird(std::string_view name, std::string_view addl, std::string_view source) override {
    all.push_back("weird " + std::string(name) + (addl.empty() ? "" : " " + std::string(addl)));
    EXPECT_EQ(source, name.starts_with("pop3") || name.starts_with("exceeded") ? "POP3"
                      : name.find("line_") != std::string_view::npos           ? "CONTENTLINE"
                                                                               : "");
  }
};

struct Pop3 : testing::Test {
  Told told;
  Reader reader{told};
  void client(std::string_view text) { reader.feed(true, as_bytes(text)); }
  void server(std::string_view text) { reader.feed(false, as_bytes(text)); }
  void greet() { server("+OK ready <1896.697170952@dbc.example>\r\n"); }
  void log_in() {
    greet();
    client("USER bob\r\n");
    server("+OK\r\n");
    client("PASS secret\r\n");
    server("+OK 2 messages\r\n");
  }
};

TEST(Pop3Line, WordsAndArguments) {
  const Line l = parse_line(" \tlist  2  ");
  EXPECT_EQ(l.first, "list");
  EXPECT_EQ(l.word, Word::List);
  EXPECT_EQ(l.argument, "2");
  EXPECT_EQ(parse_line("+OK").word, Word::Ok);
  EXPECT_EQ(parse_line("-ERR no").word, Word::Err);
  EXPECT_EQ(parse_line("QUIT ").argument, "");
  EXPECT_EQ(parse_line("USER\tbob").word, std::nullopt);
  EXPECT_EQ(parse_line(std::string_view("NOOP\0 1", 7)).word, Word::Noop);
  EXPECT_EQ(parse_line("").first, "");
  EXPECT_EQ(parse_line("   ").first, "");
  EXPECT_EQ(parse_line("+").word, std::nullopt);
}

TEST(Pop3Line, SignsBeforeWords) {
  EXPECT_EQ(parse_line("OK").word, Word::Ok);
  EXPECT_EQ(parse_line("++OK").word, std::nullopt);
  EXPECT_EQ(parse_line("+-ERR").word, Word::Err);
  EXPECT_EQ(parse_line("+++ERR").word, std::nullopt);
  EXPECT_EQ(parse_line("-user x").word, Word::User);
}

TEST(Pop3Probe, BothSidesAreNeeded) {
  const auto match = [](std::string_view client, std::string_view server) { return looks_like(as_bytes(client), as_bytes(server)); };
  EXPECT_EQ(match("", ""), Match::Unsure);
  EXPECT_EQ(match("", "+O"), Match::Unsure);
  EXPECT_EQ(match("", "+OK hello\r\n"), Match::Unsure);
  EXPECT_EQ(match("CAPA\r\n", ""), Match::Unsure);
  for (const std::string_view first : {"USER bob", "apop bob 0", "CAPA\r\n", "auth", "STLS\r\n", "QUIT\r\n  USER x", "NOOP\rCAPA"})
    EXPECT_EQ(match(first, "+OK"), Match::Yes) << first;
  for (const std::string_view first : {"USER", "USERS x", "QUIT\r\n", "LIST CAPA"}) EXPECT_EQ(match(first, "+OK"), Match::Unsure) << first;
  EXPECT_EQ(match("USER bob\r\n", "220 hello\r\n"), Match::No);
  EXPECT_EQ(match("USER bob\r\n", "-ERR\r\n"), Match::No);
  EXPECT_EQ(match("\x16\x03", "+OK"), Match::No);
}

TEST_F(Pop3, UserConfirms) {
  greet();
  client("USER bob\r\n");
  EXPECT_THAT(told.all, IsEmpty());
  server("+OK\r\n");
  EXPECT_THAT(told.all, ElementsAre("confirmed"));
}

TEST_F(Pop3, CapabilitiesConfirmAndTheirListIsNoReply) {
  greet();
  client("CAPA\r\n");
  server("+OK Capability list follows\r\nTOP\r\nSASL PLAIN\r\n.\r\n-ERR\r\n");
  EXPECT_THAT(told.all, ElementsAre("confirmed"));
}

TEST_F(Pop3, ApopAndAuthDoNotConfirm) {
  greet();
  client("APOP bob c4c9334bac560ecc979e58001b3e22fb\r\n");
  server("+OK maildrop has 1 message\r\n");
  EXPECT_THAT(told.all, IsEmpty());
}

TEST_F(Pop3, AWholeSession) {
  log_in();
  client("STAT\r\nLIST\r\nLIST 1\r\nUIDL\r\n");
  server("+OK 2 320\r\n+OK 2 messages\r\n1 120\r\n2 200\r\n.\r\n+OK 1 120\r\n+OK\r\n1 a\r\n2 b\r\n.\r\n");
  client("RETR 1\r\n");
  server("+OK 120 octets\r\nSubject: x\r\n\r\n..dots\r\nwords that are no reply\r\n.\r\n");
  client("TOP 2 1\r\nDELE 1\r\nRSET\r\nNOOP\r\nLAST\r\nXSENDER 1\r\n");
  server("+OK\r\nSubject: y\r\n.\r\n+OK\r\n+OK\r\n+OK\r\n+OK 2\r\n-ERR what?\r\n");
  client("QUIT\r\n");
  server("+OK bye\r\n");
  reader.eof(true);
  reader.eof(false);
  reader.finish();
  EXPECT_THAT(told.all, ElementsAre("confirmed"));
  std::string body;
  for (const std::string& b : told.bodies) body += b;
  EXPECT_EQ(body, ".dots\r\nwords that are no reply\r\n");
  EXPECT_EQ(told.mails, 2);
  EXPECT_EQ(told.open_parts, 0);
}

TEST_F(Pop3, UnknownCommands) {
  greet();
  client("HELLO there\r\n");
  EXPECT_THAT(told.all, ElementsAre("weird pop3_client_command_unknown HELLO"));
  for (int i = 0; i < 10; i++) {
    server("-ERR\r\n");
    client("\t \r\n");
  }
  EXPECT_EQ(told.all.size(), 12u);
  EXPECT_EQ(told.all[10], "weird pop3_client_command_unknown ???");
  EXPECT_EQ(told.all[11], "violation too many unknown client commands");
}

TEST_F(Pop3, UnknownReplies) {
  greet();
  server(std::string_view("+\0\x01 x\r\n\r\n", 9));
  EXPECT_THAT(told.all, ElementsAre("violation unknown server command (+)", "weird pop3_server_command_unknown +",
                                    "violation unknown server command (?"
                                    "?"
                                    "?)",
                                    "weird pop3_server_command_unknown ???"));
}

TEST_F(Pop3, LongWordsAreCutOff) {
  client(std::string(20'000, 'x'));
  client(std::string(20'000, 'x') + "\r\n");
  ASSERT_EQ(told.all.size(), 1u);
  EXPECT_EQ(told.all[0].size(), std::string_view("weird pop3_client_command_unknown ").size() + Reader::kMaxWord);
}

TEST_F(Pop3, SwappedRoles) {
  client("+OK hello\r\n");
  server("USER bob\r\n");
  EXPECT_THAT(told.all, ElementsAre("weird pop3_client_sending_server_commands", "weird pop3_server_sending_client_commands"));
}

TEST_F(Pop3, TooManyPendingCommands) {
  greet();
  std::string commands;
  for (size_t i = 0; i < Reader::kMaxPending; i++) commands += "NOOP\r\n";
  client(commands);
  EXPECT_THAT(told.all, IsEmpty());
  client("NOOP\r\n");
  EXPECT_THAT(told.all, ElementsAre("weird pop3_client_too_many_pending_commands"));
}

TEST_F(Pop3, AuthExchanges) {
  greet();
  client("AUTH\r\n");
  server("+OK methods\r\nPLAIN\r\n.\r\n");
  client("AUTH PLAIN\r\n");
  server("+ \r\n");
  client("AGJvYgBzZWNyZXQ=\r\n");
  server("-ERR wrong\r\n");
  client("AUTH LOGIN\r\n");
  server("+ VXNlcm5hbWU6\r\n");
  client("Ym9i\r\n");
  server("+ UGFzc3dvcmQ6\r\n");
  client("c2VjcmV0\r\n");
  server("+OK\r\n");
  client("STAT\r\n");
  server("+OK 0 0\r\n");
  EXPECT_THAT(told.all, IsEmpty());
}

TEST_F(Pop3, MalformedAuthPlain) {
  for (const std::string_view message : {"Ym9i", "AGJvYg==", "AGJvYgA="}) {
    Told heard;
    Reader r(heard);
    r.feed(false, as_bytes("+OK\r\n"));
    r.feed(true, as_bytes("AUTH PLAIN\r\n"));
    r.feed(true, as_bytes(std::string(message) + "\r\n"));
    EXPECT_THAT(heard.all, ElementsAre("weird pop3_malformed_auth_plain")) << message;
  }
}

TEST_F(Pop3, BadBase64) {
  greet();
  client("AUTH PLAIN\r\n*\r\n");
  EXPECT_THAT(told.all,
              ElementsAre("weird base64_illegal_encoding character 42 ignored by Base64 decoding", "weird pop3_bad_base64_encoding"));
}

TEST_F(Pop3, OtherMechanismsAreNotLookedInto) {
  greet();
  client("AUTH CRAM-MD5\r\nAUTH\r\n");
  server("junk\r\n");
  EXPECT_THAT(told.all, IsEmpty());
}

TEST_F(Pop3, AGoodReplyToAnEarlyCommandNeedsNoLogin) {
  greet();
  client("LIST\r\n");
  server("+OK\r\n1 120\r\n.\r\n");
  client("RETR 1\r\n");
  server("+OK\r\nno reply\r\n.\r\n");
  EXPECT_THAT(told.all, IsEmpty());
}

TEST_F(Pop3, ErrorsTakeBackWhatWasAnnounced) {
  log_in();
  client("RETR 9\r\n");
  server("-ERR no such message\r\n+OK\r\nnot a mail\r\n");
  EXPECT_THAT(told.all, ElementsAre("confirmed", "violation unknown server command (not)", "weird pop3_server_command_unknown not"));
}

TEST_F(Pop3, OnlyTheHeaderOfAMailMayBeOdd) {
  log_in();
  client("RETR 1\r\n");
  std::string header = "+OK\r\nSubject: x\r\n";
  for (int i = 0; i < 70; i++) header += std::string(1000, ' ') + "\r\n";
  server(header);
  ASSERT_GE(told.all.size(), 2u);
  EXPECT_TRUE(told.all[1].starts_with("weird exceeded_mime_max_header_bytes"));
}

TEST_F(Pop3, TlsBeginsBehindTheReply) {
  greet();
  client("STLS\r\n");
  server("+OK begin\r\n\x16\x03\x01");
  EXPECT_THAT(told.all, ElementsAre("confirmed", "tls 3"));
  client("junk\r\n");
  server("junk\r\n");
  EXPECT_EQ(told.all.size(), 2u);
}

TEST_F(Pop3, ARefusalIsNoTls) {
  greet();
  client("STLS\r\n");
  server("-ERR not now\r\n");
  EXPECT_THAT(told.all, IsEmpty());
}

TEST_F(Pop3, LinesThatEndInOneCharacter) {
  server("+OK\n+OK\r+OK\r\n");
  EXPECT_THAT(told.all, ElementsAre("weird line_terminated_with_single_CR"));
}

TEST_F(Pop3, TheLastLineMayLackItsEnd) {
  client("HELLO");
  EXPECT_THAT(told.all, IsEmpty());
  reader.eof(true);
  EXPECT_THAT(told.all, ElementsAre("weird pop3_client_command_unknown HELLO"));
}

struct Piece {
  bool from_client;
  std::string_view bytes;
};
const std::vector<Piece> kDialogue = {
    {false, "+OK ready\r\n"},
    {true, "USER bob\r\n"},
    {false, "+OK\r\n"},
    {true, "AUTH PLAIN\r\n"},
    {false, "+ \r\n"},
    {true, "AGJvYgBwdw==\r\n"},
    {false, "+OK\r\n"},
    {true, "RETR 1\r\n"},
    {false, "+OK\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nx\r\n--b--\r\n.\r\n"},
    {true, "QUIT\r\n"},
    {false, "+OK bye\r\n"},
};

TEST_F(Pop3, ByteByByteIsTheSame) {
  for (const Piece& p : kDialogue) {
    for (const char c : p.bytes) reader.feed(p.from_client, as_bytes(std::string_view(&c, 1)));
  }
  reader.finish();
  EXPECT_THAT(told.all, ElementsAre("confirmed"));
}

TEST_F(Pop3, EveryTruncation) {
  for (size_t last = 0; last < kDialogue.size(); last++) {
    for (size_t cut = 0; cut < kDialogue[last].bytes.size(); cut++) {
      Told heard;
      Reader r(heard);
      for (size_t i = 0; i <= last; i++) {
        r.feed(kDialogue[i].from_client, as_bytes(i == last ? kDialogue[i].bytes.substr(0, cut) : kDialogue[i].bytes));
      }
      r.finish();
      const bool answered = last > 2 || (last == 2 && cut == 4);  // a CR alone ends a line
      EXPECT_EQ(heard.open_parts, 0);
      EXPECT_EQ(heard.all, answered ? Said{"confirmed"} : Said{});
    }
  }
}

}  // namespace
}  // namespace sensor::pop3
