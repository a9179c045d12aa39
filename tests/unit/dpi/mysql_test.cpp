#include "dpi/mysql/mysql.h"

#include <gtest/gtest.h>

#include "mysql_packets.h"

namespace sensor::mysql {
namespace {

using namespace test;
using Words = std::vector<std::string>;

/// Keeps what it is told as words.
struct Told final : Sink {
  void on_ssl_request() override { words.emplace_back("ssl"); }
  void on_login(std::string_view user) override { words.push_back("login:" + std::string(user)); }
  void on_command(uint8_t c, std::string_view arg) override { words.push_back(command_name(c) + ":" + std::string(arg)); }
  void on_change_user(std::string_view user) override { words.push_back("user:" + std::string(user)); }
  void on_ok(uint32_t rows) override { words.push_back("ok:" + std::to_string(rows)); }
  void on_error(std::string_view m) override { words.push_back("error:" + std::string(m)); }
  void on_end_of_result() override { words.emplace_back("end"); }
  void on_violation(std::string_view) override { words.emplace_back("violation"); }
  Words words;
};

struct Mysql : testing::Test {
  Told told;
  Reader reader{told};
  void client(const std::string& t) { reader.feed(true, as_bytes(t)); }
  void server(const std::string& t) { reader.feed(false, as_bytes(t)); }
  void log_in(uint32_t capabilities = 0) {
    server(mysql_greeting(capabilities));
    client(mysql_login("alice", capabilities));
    server(mysql_ok(2));
    told.words.clear();
  }
};
constexpr uint32_t kPlugins = 0x80000, kDeprecateEof = 0x01000000, kAttributes = 0x08000000;

TEST_F(Mysql, Login) {
  server(mysql_greeting(kPlugins));
  client(mysql_login("alice", kPlugins));
  server(mysql_packet(2, mysql_bytes("\xfeplugin\0data")));
  client(mysql_packet(3, "scramble"));
  server(mysql_packet(4, "\1\3"));
  server(mysql_ok(5));
  EXPECT_EQ(told.words, (Words{"login:alice", "ok:0"}));
}

TEST_F(Mysql, ResultsWithEof) {
  log_in();
  client(mysql_command(3, "select 1"));
  server(mysql_packet(1, "\2") + mysql_packet(2, "\3def") + mysql_packet(3, "\3def") + mysql_eof(4) + mysql_packet(5, "\1a\1b") +
         mysql_eof(6));
  client(mysql_command(4, mysql_bytes("t\0")));
  server(mysql_packet(1, "\3def") + mysql_packet(2, "\3def") + mysql_eof(3));
  client(mysql_command(3, "insert"));
  server(mysql_ok(1, 3));
  client(mysql_command(9));
  server(mysql_packet(1, "Uptime: 1"));
  EXPECT_EQ(told.words, (Words{"query:select 1", "end", mysql_bytes("field_list:t\0"), "end", "query:insert", "ok:3", "statistics:"}));
}

TEST_F(Mysql, ResultsWithoutEof) {
  log_in(kDeprecateEof);
  client(mysql_command(3, "select 1"));
  server(mysql_packet(1, "\1") + mysql_packet(2, "\3def") + mysql_packet(3, "\1a") + mysql_packet(4, mysql_bytes("\xfe\0\0\2\0\0\0")));
  client(mysql_command(3, "select x"));
  server(mysql_packet(1, "\1") + mysql_packet(2, "\3def") + mysql_error(3, "gone"));
  client(mysql_command(22, "select ?") + mysql_command(14));
  server(mysql_ok(1));
  EXPECT_EQ(told.words, (Words{"query:select 1", "ok:0", "query:select x", "error:gone", "stmt_prepare:select ?", "ping:", "ok:0"}));
}

TEST_F(Mysql, QueryAttributes) {
  log_in(kAttributes);
  client(mysql_command(3, mysql_bytes("\1\1\0\0\xfe\0\1a\2abselect 1")));
  client(mysql_command(3, mysql_bytes("\0\1select 2")));
  EXPECT_EQ(told.words, (Words{"violation", "query:select 2"}));
  told.words.clear();
  // A text, a NULL and a number.
  client(mysql_command(3, mysql_bytes("\3\1\2\1\xfe\0\1a\xfe\0\1b\3\0\1c\2ab1234select 1")));
  EXPECT_EQ(told.words, (Words{"query:select 1"}));
}

TEST_F(Mysql, EveryTypeOfAttribute) {
  log_in(kAttributes);
  const std::pair<uint8_t, std::string> values[] = {
      {0, "\1x"},        {1, "x"},      {2, "xx"},       {3, "xxxx"}, {4, "xxxx"},    {5, "xxxxxxxx"},
      {6, ""},           {7, "\4xxxx"}, {8, "xxxxxxxx"}, {9, "xxxx"}, {10, "\4xxxx"}, {11, "\x8xxxxxxxx"},
      {12, "\7xxxxxxx"}, {13, "xx"},    {15, "\1x"},     {16, "\1x"}, {0xf5, "\1x"},  {0xff, "\1x"}};
  for (const auto& [type, value] : values) {
    told.words.clear();
    const std::string attribute = mysql_bytes("\1\1\0\1") + static_cast<char>(type) + mysql_bytes("\0\1n") + value;
    client(mysql_command(3, attribute + "q"));
    EXPECT_EQ(told.words, Words{"query:q"}) << int{type};
    told.words.clear();
    client(mysql_command(3, attribute.substr(0, attribute.size() - 1)));
    EXPECT_EQ(told.words, Words{"violation"}) << int{type};
  }
  told.words.clear();
  client(mysql_command(3, mysql_bytes("\1\1\0\1\x20\0\1nx")));
  EXPECT_EQ(told.words, Words{"violation"});
}

TEST_F(Mysql, ChangeOfUser) {
  log_in(kPlugins);
  client(mysql_command(17, mysql_bytes("bob\0\4passdb\0\x21\0plugin\0")));
  server(mysql_packet(1, mysql_bytes("\xfeplugin\0data")));
  client(mysql_packet(2, "scramble"));
  server(mysql_error(3, "no"));
  client(mysql_command(14));
  EXPECT_EQ(told.words[1], "user:bob");
  EXPECT_EQ((Words{told.words.begin() + 2, told.words.end()}), (Words{"error:no", "ping:"}));
}

TEST_F(Mysql, ProgressReportsAreNoErrors) {
  log_in();
  client(mysql_command(3, "alter table"));
  server(mysql_packet(1, "\xff\xff\xff\1\1\2xyz\4copy"));
  server(mysql_ok(2, 1));
  EXPECT_EQ(told.words, (Words{"query:alter table", "ok:1"}));
}

TEST_F(Mysql, AFileFromTheClient) {
  log_in();
  client(mysql_command(3, "load data local"));
  server(mysql_packet(1, "\xfbname"));
  client(mysql_packet(2, "\1data") + mysql_packet(3, ""));
  server(mysql_ok(4, 7));
  client(mysql_command(1));
  EXPECT_EQ(told.words, (Words{"query:load data local", "ok:7", "quit:"}));
}

TEST_F(Mysql, TlsAndCompression) {
  server(mysql_greeting(0x800));
  const std::string request = mysql_ssl_request() + "hello";
  client(request);
  EXPECT_TRUE(reader.stopped());
  EXPECT_EQ(as_chars(reader.rest()), "hello");
  EXPECT_EQ(told.words, Words{"ssl"});
  Told other;
  Reader compressed(other);
  const std::string hello = mysql_greeting(0x20), login = mysql_login("alice", 0x20), ok = mysql_ok(2);
  compressed.feed(false, as_bytes(hello));
  compressed.feed(true, as_bytes(login));
  compressed.feed(false, as_bytes(ok));
  EXPECT_TRUE(compressed.stopped());
}

TEST_F(Mysql, OldProtocol) {
  server(mysql_packet(0, mysql_bytes("\x9"
                                     "3.20\0\1\0\0\0scramble\0")));
  client(mysql_packet(1, mysql_bytes("\0\0\0\0\0alice\0scrambled\0")));
  server(mysql_ok(2));
  EXPECT_EQ(told.words, (Words{"login:alice", "ok:0"}));
}

TEST_F(Mysql, EveryTruncation) {
  const std::string greeting = mysql_greeting(kPlugins), login = mysql_login("alice");
  for (size_t n = 4; n < greeting.size() - 4; n++) {
    Told t;
    Reader r(t);
    const std::string cut = mysql_packet(0, std::string_view(greeting).substr(4, n - 4));
    r.feed(false, as_bytes(cut));
    EXPECT_EQ(t.words, Words{"violation"}) << n;
  }
  for (size_t n = 4; n < login.size(); n++) {
    Told t;
    Reader r(t);
    r.feed(false, as_bytes(greeting));
    const std::string cut = mysql_packet(1, std::string_view(login).substr(4, n - 4));
    r.feed(true, as_bytes(cut));
    EXPECT_EQ(t.words, Words{"violation"}) << n;
  }
  log_in();
  client(mysql_packet(0, ""));
  client(mysql_command(17, mysql_bytes("bob\0\x40pass")));
  client(mysql_command(3, "q"));
  server(mysql_packet(1, mysql_bytes("\xff\x15\4#28")));
  server(mysql_packet(1, ""));
  EXPECT_EQ(told.words, (Words{"violation", "violation", "query:q", "violation", "violation"}));
}

TEST_F(Mysql, AnyDivision) {
  log_in();
  const std::string stream = mysql_command(3, "select 1") + mysql_command(14) + mysql_command(1);
  for (size_t cut = 0; cut <= stream.size(); cut++) {
    told.words.clear();
    client(stream.substr(0, cut));
    client(stream.substr(cut));
    EXPECT_EQ(told.words, (Words{"query:select 1", "ping:", "quit:"})) << cut;
  }
}

TEST_F(Mysql, LongPacketsArePassedOver) {
  log_in();
  const std::string stream = mysql_bytes("\x40\x0d\3\0\3") + std::string(199'999, 'q') + mysql_command(14);
  for (size_t at = 0; at < stream.size(); at += 7000) client(stream.substr(at, 7000));
  ASSERT_EQ(told.words.size(), 2u);
  EXPECT_EQ(told.words[0].size(), 6 + Reader::kMaxKept - 1);
  EXPECT_EQ(told.words[1], "ping:");
}

TEST(MysqlProbe, AGreeting) {
  const std::string greeting = mysql_greeting();
  EXPECT_EQ(looks_like({}, as_bytes(greeting)), Match::Yes);
  for (size_t n = 0; n < 6; n++) EXPECT_EQ(looks_like({}, as_bytes(greeting).first(n)), Match::Unsure) << n;
  EXPECT_EQ(looks_like(as_bytes("GET /"), {}), Match::No);
  for (const std::string_view other : {"220 hello", "SSH-2.0-x", "HTTP/1.1 200 OK"}) EXPECT_EQ(looks_like({}, as_bytes(other)), Match::No);
  EXPECT_EQ(command_name(31), "reset_connection");
  EXPECT_EQ(command_name(32), "unknown-32");
}

}  // namespace
}  // namespace sensor::mysql
