#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "dpi/smtp/addresses.h"
#include "dpi/smtp/reader.h"

namespace sensor::smtp {
namespace {

using Strings = std::vector<std::string>;

/// Everything a reader tells, as lines of text.
struct Told final : Sink {
  Strings log;
  std::string body;
  size_t rest = 0;
  void note(std::string_view what, std::string_view a = {}, std::string_view b = {}) {
    log.push_back(std::string(what) + (a.empty() ? "" : " ") + std::string(a) + (b.empty() ? "" : " | ") + std::string(b));
  }
  void on_request(std::string_view word, std::string_view argument) override { note("request", word, argument); }
  void on_reply(const Reply& r) override { note("reply", std::to_string(r.code) + (r.continued ? "-" : ""), r.text); }
  void on_starttls(size_t n) override {
    rest = n;
    note("tls");
  }
  void on_violation(std::string_view reason) override { note("violation", reason); }
  void on_weird(std::string_view name, std::string_view addl, std::string_view) override { note("weird", name, addl); }
  void on_entity_begin() override { note("begin"); }
  void on_header(const mime::Header& h) override { note("header", h.name, h.value); }
  void on_body(bool, Bytes bytes) override { body += as_chars(bytes); }
  void on_body_gap(bool, uint64_t offset, uint64_t length) override { note("gap", std::to_string(offset), std::to_string(length)); }
  void on_entity_end() override { note("end"); }
  void on_mail_end() override { note("mail"); }
};

struct Smtp : testing::Test {
  Told told;
  Reader reader{told};
  void client(std::string_view t) { reader.feed(true, as_bytes(t)); }
  void server(std::string_view t) { reader.feed(false, as_bytes(t)); }
  /// The dialogue up to RCPT.
  void envelope() {
    server("220 hi\r\n");
    client("EHLO me\r\n");
    server("250-mail\r\n250 PIPELINING\r\n");
    client("MAIL FROM:<a@b.example>\r\n");
    server("250 ok\r\n");
    client("RCPT TO:<c@d.example>\r\n");
    server("250 ok\r\n");
    told.log.clear();
  }
};

TEST_F(Smtp, Mail) {
  envelope();
  client("DATA\r\n");
  server("354 go\r\n");
  client("Subject: hi\r\n there\r\n\r\nline\r\n..dot\r\n.\r\n");
  server("250 queued\r\n");
  EXPECT_EQ(told.log, (Strings{"request DATA", "begin", "reply 354 | go", "header Subject | hi there", "end", "mail", "request . | .",
                               "reply 250 | queued"}));
  EXPECT_EQ(told.body, "line\r\n.dot\r\n");
}

TEST_F(Smtp, EverythingAtOnceAndInAnyDivision) {
  const std::string text = "EHLO me\r\nMAIL FROM:<>\r\nRCPT TO:<c@d>\r\nDATA\r\nA: b\r\n\r\nx\r\n.\r\nQUIT\r\n";
  Strings whole;
  for (size_t cut = 0; cut <= text.size(); cut++) {
    Told t;
    Reader r(t);
    r.feed(true, as_bytes(text).first(cut));
    r.feed(true, as_bytes(text).subspan(cut));
    if (cut == 0) whole = t.log;
    EXPECT_EQ(t.log, whole) << cut;
    EXPECT_EQ(t.body, "x\r\n") << cut;
  }
  EXPECT_EQ(whole.back(), "request QUIT");
}

TEST_F(Smtp, RefusedDataIsNoMail) {
  envelope();
  client("DATA\r\n");
  server("554 no\r\n");
  client("QUIT\r\n");
  EXPECT_EQ(told.log, (Strings{"request DATA", "begin", "end", "mail", "reply 554 | no", "request QUIT"}));
}

TEST_F(Smtp, Parts) {
  envelope();
  client(
      "DATA\r\nContent-Type: multipart/mixed; boundary=\"x\"\r\n\r\nignored\r\n--x\r\nContent-Transfer-Encoding: "
      "base64\r\n\r\naGVs\r\nbG8=\r\n");
  client("--x\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n=41=\r\nB\r\n--x--\r\ntrailer\r\n.\r\n");
  EXPECT_EQ(told.body, "helloAB\r\n");
  EXPECT_EQ(std::count(told.log.begin(), told.log.end(), "begin"), 3);
  EXPECT_EQ(std::count(told.log.begin(), told.log.end(), "end"), 3);
}

TEST_F(Smtp, StartTls) {
  envelope();
  client("STARTTLS\r\n");
  server("220 go\r\n\x16\x03");
  EXPECT_EQ(told.log, (Strings{"request STARTTLS", "tls", "reply 220 | go"}));
  EXPECT_EQ(told.rest, 2u);
  client("MAIL FROM:<a@b>\r\n");
  EXPECT_EQ(told.log.size(), 3u);
}

TEST_F(Smtp, RefusedStartTls) {
  envelope();
  client("STARTTLS\r\n");
  server("454 later\r\n");
  client("NOOP\r\n");
  EXPECT_EQ(told.log.back(), "request NOOP");
}

TEST_F(Smtp, Auth) {
  envelope();
  client("AUTH LOGIN\r\n");
  server("334 VXNlcm5hbWU6\r\n");
  client("bWU=\r\n");
  server("235 in\r\n");
  client("MAIL FROM:<a@b>\r\n");
  EXPECT_EQ(told.log[2], "request ** | bWU=");
  EXPECT_EQ(told.log.back(), "request MAIL | FROM:<a@b>");
}

TEST_F(Smtp, Chunks) {
  envelope();
  client("BDAT 14\r\nA: b\r\n\r\nhello\r");
  client("BDAT 8 LAST\r\n\nwo\r\nrld");
  server("250 ok\r\n250 done\r\n");
  EXPECT_EQ(told.body, "hello\r\nwo\r\nrld");
  EXPECT_EQ(told.log, (Strings{"request BDAT | 14", "begin", "header A | b", "request BDAT | 8 LAST", "end", "mail", "reply 250 | ok",
                               "reply 250 | done"}));
}

TEST_F(Smtp, ChunksThatAreWrong) {
  envelope();
  client("BDAT -1\r\nBDAT 15555555557777777777\r\n");
  EXPECT_EQ(told.log[1], "weird smtp_invalid_bdat_command | BDAT not followed by a valid chunk-size");
  EXPECT_EQ(told.log[3], "weird smtp_huge_bdat_chunk | 15555555557777777777");
  told.log.clear();
  client("BDAT 3\r\nabcQUIT\r\n");
  EXPECT_EQ(told.log, (Strings{"request BDAT | 3", "begin", "request QUIT", "weird smtp_missing_bdat_last_chunk",
                               "weird smtp_bdat_undelivered_at_done", "end", "mail"}));
}

TEST_F(Smtp, EmptyLastChunk) {
  envelope();
  client("BDAT 6\r\nA: b\r\nBDAT 0 LAST\r\nQUIT\r\n");
  EXPECT_EQ(told.log, (Strings{"request BDAT | 6", "begin", "request BDAT | 0 LAST", "header A | b", "end", "mail", "request QUIT"}));
}

TEST_F(Smtp, GapInMailAndRecovery) {
  envelope();
  client("DATA\r\nA: b\r\n\r\nx\r\n");
  reader.lost(100);
  client("lost\r\n.\r\n");
  server("250 ok\r\n");
  client("MAIL FROM:<a@b>\r\n");
  EXPECT_EQ(told.log, (Strings{"request DATA", "begin", "header A | b", "gap 3 | 100", "end", "mail", "request (UNKNOWN)", "reply 250 | ok",
                               "request MAIL | FROM:<a@b>"}));
}

TEST_F(Smtp, ServersThatAreNone) {
  server("hello\r\n");
  server("600 x\r\n");
  EXPECT_EQ(told.log, (Strings{"violation reply code out of range", "violation reply code out of range"}));
}

TEST_F(Smtp, Turn) {
  envelope();
  client("TURN\r\n");
  server("250 ok\r\n");
  server("EHLO you\r\n");
  EXPECT_EQ(told.log.back(), "request EHLO | you");
}

TEST_F(Smtp, ManyPendingCommands) {
  for (size_t i = 0; i < Reader::kMaxPending + 2; i++) client("NOOP\r\n");
  EXPECT_NE(std::find(told.log.begin(), told.log.end(), "weird smtp_excessive_pending_cmds"), told.log.end());
}

TEST(SmtpChunk, Arguments) {
  EXPECT_EQ(parse_chunk("86 LAST").size, 86u);
  EXPECT_TRUE(parse_chunk("86 last").last);
  EXPECT_FALSE(parse_chunk("86").last);
  EXPECT_EQ(parse_chunk("86 X").error, "BDAT chunk-size followed by junk");
  EXPECT_EQ(parse_chunk("86LAST").error, "BDAT chunk-size not valid");
  EXPECT_EQ(parse_chunk("184467440737095516150").error, "BDAT chunk-size too large");
  EXPECT_EQ(parse_chunk("").error, "BDAT argument bad length");
  EXPECT_EQ(parse_chunk("18446744073709551615 LAST").size, UINT64_MAX);
}

TEST(SmtpProbe, FirstLines) {
  EXPECT_EQ(looks_like_client(as_bytes("ehlo me")), Match::Yes);
  EXPECT_EQ(looks_like_client(as_bytes("RSET\r\nHELO")), Match::Yes);
  EXPECT_EQ(looks_like_client(as_bytes("EH")), Match::Unsure);
  EXPECT_EQ(looks_like_client(as_bytes("NOOP\r\nNOOP\r\n")), Match::Unsure);
  EXPECT_EQ(looks_like_client(as_bytes("NOOP\r\nNOOP\r\n ehlo me\r\n")), Match::Yes);
  EXPECT_EQ(looks_like_server(as_bytes("220-hi")), Match::Yes);
  EXPECT_EQ(looks_like_server(as_bytes("22")), Match::Unsure);
  EXPECT_EQ(looks_like_server(as_bytes("2201")), Match::No);
  EXPECT_EQ(looks_like_server(as_bytes("SSH-")), Match::No);
}

TEST(SmtpAddresses, InPaths) {
  EXPECT_EQ(mail_addresses("FROM:<a@b.example> SIZE=10"), (Strings{"a@b.example"}));
  EXPECT_EQ(mail_addresses("TO: a@b, <c@d>;"), (Strings{"a@b", "c@d"}));
  EXPECT_EQ(mail_addresses("FROM:<>"), Strings{});
  EXPECT_EQ(mail_addresses("@"), Strings{});
  EXPECT_EQ(mail_addresses("a@"), Strings{});
  EXPECT_EQ(mail_addresses(""), Strings{});
}

TEST(SmtpAddresses, InLists) {
  EXPECT_EQ(address_list("\"Doe, John\" <j@d>, x@y ,nobody, Z <z@z>"), (Strings{"\"Doe, John\" <j@d>", "x@y", "Z <z@z>"}));
  EXPECT_EQ(address_list("\"open <a@b>"), (Strings{"\"open <a@b>"}));
  EXPECT_EQ(address_list(",,,"), Strings{});
  EXPECT_EQ(address_list("@x"), Strings{});
  EXPECT_EQ(address_list(std::string(100'000, '"')), Strings{});
  EXPECT_EQ(address_list(std::string(100'000, 'a')), Strings{});
}

TEST(SmtpAddresses, OfHosts) {
  const auto text = [](std::string_view s, bool wrapped) {
    Strings out;
    for (const IpAddress& a : ip_addresses(s, wrapped)) out.push_back(a.to_string());
    return out;
  };
  EXPECT_EQ(text("from x (y [192.0.2.1]) by z", true), (Strings{"192.0.2.1"}));
  EXPECT_EQ(text("from x (192.0.2.1) [2001:db8::1]", true), (Strings{"192.0.2.1", "2001:db8::1"}));
  EXPECT_EQ(text("id 1.2.3.4; 12:34:56", true), Strings{});
  EXPECT_EQ(text("id 1.2.3.4; 12:34:56", false), (Strings{"1.2.3.4"}));
  EXPECT_EQ(text("192.0.2.7", true), (Strings{"192.0.2.7"}));
  EXPECT_EQ(text("[IPv6:2001:db8::1]", true), Strings{});
}

}  // namespace
}  // namespace sensor::smtp
