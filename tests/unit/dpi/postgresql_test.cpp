#include <gtest/gtest.h>

#include "dpi/postgresql/reader.h"
#include "postgresql_messages.h"

namespace sensor::postgresql {
namespace {

using namespace test;
using Words = std::vector<std::string>;

/// Keeps what it is told as words.
struct Told final : Sink {
  void on_ssl_request() override { words.push_back("ssl"); }
  void on_ssl_reply(char answer) override { words.push_back(std::string("answer:") + answer); }
  void on_startup_parameter(std::string_view name, std::string_view value) override {
    words.push_back(std::string(name) + "=" + std::string(value));
  }
  void on_startup() override { words.push_back("startup"); }
  void on_query(std::string_view text) override { words.push_back("query:" + std::string(text)); }
  void on_terminate() override { words.push_back("terminate"); }
  void on_authentication_request(uint32_t kind) override { words.push_back("auth:" + std::to_string(kind)); }
  void on_authenticated() override { words.push_back("ok"); }
  void on_error(const std::vector<Field>& fields) override { words.push_back("error" + list(fields)); }
  void on_notice(const std::vector<Field>& fields) override { words.push_back("notice" + list(fields)); }
  void on_row() override { words.push_back("row"); }
  void on_ready(char status) override { words.push_back(std::string("ready:") + status); }
  void on_violation(std::string_view) override { words.push_back("violation"); }
  static std::string list(const std::vector<Field>& fields) {
    std::string out;
    for (const Field& f : fields) out += std::string(":") + f.code + std::string(f.value);
    return out;
  }

  Words words;
};

struct Postgresql : testing::Test {
  Told told;
  Reader reader{told};
  void client(const std::string& t) { reader.feed(true, as_bytes(t)); }
  void server(const std::string& t) { reader.feed(false, as_bytes(t)); }
  void log_in() {
    client(pg_startup({"user", "alice"}));
    told.words.clear();
  }
};

TEST_F(Postgresql, LoginAndQuery) {
  client(pg_startup({"user", "alice", "database", "db"}));
  server(pg_authentication(5, "salt") + pg_authentication(0) + pg_message('S', std::string("TimeZone\0UTC\0", 13)) +
         pg_message('K', "12345678") + pg_ready());
  client(pg_message('p', "md5") + pg_query("select 1"));
  server(pg_message('T', "columns") + pg_row() + pg_row() + pg_error('N', {"SNOTICE", "Mhi"}) + pg_error('E', {"SERROR"}) + pg_ready('E'));
  client(pg_message('X', ""));
  EXPECT_EQ(told.words, (Words{"user=alice", "database=db", "startup", "auth:5", "ok", "ready:I", "query:select 1", "row", "row",
                               "notice:SNOTICE:Mhi", "error:SERROR", "ready:E", "terminate"}));
}

TEST_F(Postgresql, AnyDivision) {
  const std::string c = pg_ssl_request(), s = "N" + pg_authentication(0) + pg_row() + pg_ready(),
                    rest = pg_startup({"user", "a"}) + pg_query("q");
  for (size_t cut = 0; cut <= s.size(); cut++) {
    Told t;
    Reader r(t);
    r.feed(true, as_bytes(c).first(5));
    r.feed(true, as_bytes(c).subspan(5));
    r.feed(false, as_bytes(s).first(1));
    r.feed(true, as_bytes(rest).first(cut % rest.size()));
    r.feed(true, as_bytes(rest).subspan(cut % rest.size()));
    r.feed(false, as_bytes(s).subspan(1, cut == 0 ? 0 : cut - 1));
    r.feed(false, as_bytes(s).subspan(std::max<size_t>(cut, 1)));
    EXPECT_EQ(t.words, (Words{"ssl", "answer:N", "user=a", "startup", "query:q", "ok", "row", "ready:I"})) << cut;
  }
}

TEST_F(Postgresql, TlsBeginsBehindTheAnswer) {
  client(pg_ssl_request());
  const std::string answer = "Shello";
  server(answer);
  EXPECT_TRUE(reader.stopped());
  EXPECT_EQ(as_chars(reader.rest()), "hello");
  EXPECT_EQ(told.words, (Words{"ssl", "answer:S"}));
}

TEST_F(Postgresql, TheServerIsReadWhenTheClientHasSpoken) {
  server(pg_authentication(0));
  EXPECT_TRUE(told.words.empty());
  client(pg_startup({"user", "alice"}));
  EXPECT_EQ(told.words, (Words{"user=alice", "startup", "ok"}));
}

TEST_F(Postgresql, Malformed) {
  for (const std::string& bad : {pg_length(7) + "1234", pg_length(16) + std::string("\x04\xd2\x16\x2e", 4), pg_startup({"us er", "x"}),
                                 pg_startup({"user", ""}), pg_startup({"user"})}) {
    Told t;
    Reader r(t);
    r.feed(true, as_bytes(bad));
    EXPECT_EQ(t.words.back(), "violation");
    EXPECT_TRUE(r.stopped());
  }
  for (const std::string& bad :
       {std::string("Z\0\0\0\3", 5), pg_ready('x'), pg_authentication(13), pg_authentication(0, "x"), pg_message('E', "Sno end"),
        pg_message('K', "short"), pg_message('D', "1"), pg_message('S', std::string("a b\0c\0", 6))}) {
    Told t;
    Reader r(t);
    r.feed(true, as_bytes(pg_startup({"user", "a"})));
    r.feed(false, as_bytes(bad));
    EXPECT_EQ(t.words.back(), "violation");
  }
  log_in();
  client(pg_message('Q', "without an end"));
  EXPECT_EQ(told.words, Words{"violation"});
}

TEST_F(Postgresql, LongMessagesArePassedOver) {
  log_in();
  client(pg_query(std::string(100'000, 'q')) + pg_query("next"));
  ASSERT_EQ(told.words.size(), 2u);
  EXPECT_EQ(told.words[0].size(), 6 + Reader::kMaxKept);
  EXPECT_EQ(told.words[1], "query:next");
  server(pg_error('E', {"M" + std::string(100'000, 'e')}) + pg_message('d', std::string(100'000, 'd')) + pg_ready());
  EXPECT_EQ(told.words.back(), "ready:I");
  Told t;
  Reader early(t);
  early.feed(false, as_bytes(std::string(5 * Reader::kMaxKept, 'x')));
  EXPECT_TRUE(early.stopped());
}

TEST_F(Postgresql, ServersWithoutTls) {
  client(pg_ssl_request());
  server(pg_error('E', {"Sx"}));
  EXPECT_TRUE(reader.stopped());
  EXPECT_EQ(told.words, Words{"ssl"});
}

TEST(PostgresqlProbe, Recognised) {
  const auto match = [](const std::string& c, const std::string& s) { return looks_like(as_bytes(c), as_bytes(s)); };
  EXPECT_EQ(match(pg_ssl_request(), "S"), Match::Yes);
  EXPECT_EQ(match(pg_ssl_request(), "E"), Match::No);
  EXPECT_EQ(match(pg_ssl_request(), ""), Match::Unsure);
  EXPECT_EQ(match(pg_startup({"user", "a"}), pg_authentication(0)), Match::Yes);
  EXPECT_EQ(match(pg_startup({"user", "a"}), ""), Match::Unsure);
  EXPECT_EQ(match(pg_startup({"name", "a"}), pg_authentication(0)), Match::No);
  EXPECT_EQ(match("GET / HTTP/1.0", ""), Match::No);
  EXPECT_EQ(match("", "220 hi"), Match::Unsure);
  EXPECT_EQ(authentication_name(10), "SASL");
  EXPECT_EQ(authentication_name(6), "UnknownAuthId6");
  EXPECT_EQ(field_name('M'), "Message");
  EXPECT_EQ(field_name('?'), "UnknownErrorId?");
}

}  // namespace
}  // namespace sensor::postgresql
