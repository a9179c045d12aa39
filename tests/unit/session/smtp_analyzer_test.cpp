#include "src/session/smtp_analyzer.h"

#include <gtest/gtest.h>

#include "fake_context.h"
#include "sensor/session/file_analysis.h"

namespace sensor {
namespace {

struct SmtpLog : testing::Test {
  FakeContext c;
  FileAnalysis files;
  SmtpAnalyzer smtp;

  SmtpLog() {
    c.header.resp_p = {25};
    c.file_analysis = &files;
  }
  void client(const std::string& t) { smtp.on_data(c, Direction::Orig, as_bytes(t + "\r\n")); }
  void server(const std::string& t) { smtp.on_data(c, Direction::Resp, as_bytes(t + "\r\n")); }
  void envelope() {
    server("220 hi");
    client("EHLO me.example");
    server("250 ok");
    client("MAIL FROM:<a@b.example>");
    server("250 ok");
    client("RCPT TO:<c@d.example>");
    server("250 ok");
  }
  void mail(const std::string& text) {
    client("DATA");
    server("354 go");
    client(text + "\r\n.");
    server("250 queued");
  }
  RowText row(size_t i = 0) { return c.rows("smtp").at(i); }
};

TEST_F(SmtpLog, EnvelopeAndHeader) {
  envelope();
  mail(
      "Received: from x (y [203.0.113.5])\r\n by b\r\nReceived: from z ([203.0.113.6])\r\nDate: today\r\nFrom: A <a@b.example>\r\n"
      "To: c@d.example, \"E, F\" <e@f.example>\r\nCC: g@h.example\r\nReply-To: r@b.example\r\nMessage-ID: <1@b>\r\nIn-Reply-To: <0@b>\r\n"
      "Subject: words\r\nX-Originating-IP: [203.0.113.9]\r\nX-Mailer: hand\r\n\r\nbody");
  client("QUIT");
  server("221 bye");
  smtp.on_finish(c);
  ASSERT_EQ(c.rows("smtp").size(), 1u);
  const RowText r = row();
  EXPECT_EQ(r.at("trans_depth"), "1");
  EXPECT_EQ(r.at("helo"), "me.example");
  EXPECT_EQ(r.at("mailfrom"), "a@b.example");
  EXPECT_EQ(r.at("rcptto"), "c@d.example");
  EXPECT_EQ(r.at("to"), "c@d.example,\"E\\x2c F\" <e@f.example>");
  EXPECT_EQ(r.at("cc"), "g@h.example");
  EXPECT_EQ(r.at("subject"), "words");
  EXPECT_EQ(r.at("x_originating_ip"), "203.0.113.9");
  EXPECT_EQ(r.at("first_received"), "from z ([203.0.113.6])");
  EXPECT_EQ(r.at("second_received"), "from x (y [203.0.113.5]) by b");
  EXPECT_EQ(r.at("path"), "198.51.100.2,192.0.2.1,203.0.113.5,203.0.113.6");
  EXPECT_EQ(r.at("last_reply"), "250 queued");
  EXPECT_EQ(r.at("user_agent"), "hand");
  EXPECT_EQ(r.at("tls"), "F");
  EXPECT_NE(r.at("fuids"), "(empty)");
  EXPECT_EQ(c.confirmed, (std::vector<std::string>{"smtp"}));
  const RowText file = c.rows("files").at(0);
  EXPECT_EQ(file.at("fuid"), r.at("fuids"));
  EXPECT_EQ(file.at("source"), "SMTP");
  EXPECT_EQ(file.at("depth"), "1");
  EXPECT_EQ(file.at("seen_bytes"), "6");
  EXPECT_EQ(file.at("is_orig"), "T");
}

TEST_F(SmtpLog, AttachmentCutShortIsWeird) {
  envelope();
  client("DATA\r\nContent-Transfer-Encoding: base64\r\n\r\nJVBERi0xLjUK\r\nJVBER");
  EXPECT_TRUE(c.weirds.empty());
  smtp.on_finish(c);
  ASSERT_EQ(c.weirds.size(), 1u);
  EXPECT_EQ(c.weirds[0].name, "base64_illegal_encoding");
  EXPECT_EQ(c.weirds[0].addl, "incomplete base64 group, padding with 18 bits of 0");
  EXPECT_EQ(c.weirds[0].source, "");
}

TEST_F(SmtpLog, PartsAreFilesWithNames) {
  envelope();
  mail(
      "Subject: outer\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\nSubject: inner\r\n\r\ntext\r\n"
      "--x\r\nContent-Disposition: attachment; filename=\"a.pdf\"\r\nContent-Transfer-Encoding: base64\r\n\r\nJVBERi0xLjUK\r\n--x--");
  EXPECT_EQ(row().at("subject"), "outer");
  const auto rows = c.rows("files");
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0].at("depth"), "2");
  EXPECT_EQ(rows[1].at("depth"), "3");
  EXPECT_EQ(rows[1].at("filename"), "a.pdf");
  EXPECT_EQ(rows[1].at("mime_type"), "application/pdf");
  EXPECT_EQ(row().at("fuids"), rows[0].at("fuid") + "," + rows[1].at("fuid"));
}

TEST_F(SmtpLog, SeveralMails) {
  envelope();
  mail("A: b\r\n\r\none");
  client("MAIL FROM:<a2@b.example>\r\nRCPT TO:<c@d.example>\r\nDATA\r\nA: b\r\n\r\ntwo\r\n.");  // never acknowledged
  client("MAIL FROM:<a3@b.example>");
  smtp.on_finish(c);
  ASSERT_EQ(c.rows("smtp").size(), 3u);
  EXPECT_EQ(row(1).at("trans_depth"), "2");
  EXPECT_EQ(row(1).at("mailfrom"), "a2@b.example");
  EXPECT_EQ(row(1).at("helo"), "me.example");
  EXPECT_EQ(row(2).at("mailfrom"), "a3@b.example");
  EXPECT_EQ(row(2).at("rcptto"), "-");
}

TEST_F(SmtpLog, StartTls) {
  server("220 hi");
  client("EHLO me");
  server("250 STARTTLS");
  client("STARTTLS");
  server("220 go");
  EXPECT_EQ(c.started, (std::vector<ProtocolId>{ProtocolId::Tls}));
  client("\x16\x03\x01");
  smtp.on_finish(c);
  EXPECT_EQ(row().at("tls"), "T");
  EXPECT_EQ(row().at("last_reply"), "220 go");
}

TEST_F(SmtpLog, NothingWasSent) {
  server("220 hi");
  client("EHLO me");
  server("250 ok");
  client("QUIT");
  smtp.on_finish(c);
  EXPECT_TRUE(c.rows("smtp").empty());
}

TEST_F(SmtpLog, InvalidTransactions) {
  server("220 hi");
  client("RCPT TO:<c@d.example>");
  ASSERT_EQ(c.weirds.size(), 1u);
  EXPECT_EQ(c.weirds[0].name, "smtp_mail_transaction_invalid");
  EXPECT_EQ(c.weirds[0].addl, "rcpt to missing mail from");
  for (int i = 0; i < 30; i++) client("RCPT TO:<c@d.example>");
  EXPECT_EQ(c.weirds.back().name, "smtp_excessive_invalid_mail_transactions");
  smtp.on_finish(c);
  EXPECT_EQ(c.rows("smtp").size(), 1u);
}

TEST_F(SmtpLog, LimitsOfARow) {
  envelope();
  std::string to = "To: ";
  for (int i = 0; i < 3000; i++) to += "user" + std::to_string(i) + "@example.com, ";
  mail(to + "\r\nSubject: " + std::string(60'000, 's') + "\r\nFrom: " + std::string(60'000, 'f') + "\r\n\r\nx");
  EXPECT_EQ(c.weirds.at(0).name, "smtp_too_many_to_addresses");
  ASSERT_EQ(c.rows("smtp").size(), 1u);
  EXPECT_GT(row().at("subject").size(), 1000u);
  EXPECT_EQ(c.records().records_too_large(), 0u);
}

TEST_F(SmtpLog, GapInAMail) {
  envelope();
  client("DATA");
  server("354 go");
  client("A: b\r\n\r\nhello");
  smtp.on_gap(c, Direction::Orig, 50);
  smtp.on_finish(c);
  const RowText file = c.rows("files").at(0);
  EXPECT_EQ(file.at("seen_bytes"), "7");
  EXPECT_EQ(file.at("missing_bytes"), "50");
}

TEST_F(SmtpLog, EveryTruncation) {
  const std::string text =
      "EHLO x\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\nContent-Type: multipart/mixed; "
      "boundary=x\r\n\r\n--x\r\n\r\nt\r\n--x--\r\n.\r\nQUIT\r\n";
  for (size_t n = 0; n <= text.size(); n++) {
    FakeContext context;
    FileAnalysis analysis;
    context.file_analysis = &analysis;
    SmtpAnalyzer a;
    a.on_data(context, Direction::Orig, as_bytes(text).first(n));
    a.on_eof(context, Direction::Orig);
    a.on_finish(context);
    EXPECT_LE(context.rows("smtp").size(), 1u) << n;
  }
}

}  // namespace
}  // namespace sensor
