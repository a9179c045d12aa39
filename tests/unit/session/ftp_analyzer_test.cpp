#include "src/session/ftp_analyzer.h"

#include <gtest/gtest.h>

#include "fake_context.h"
#include "sensor/session/file_analysis.h"

namespace sensor {
namespace {

Expectation with(std::shared_ptr<ExpectedFile> file) {
  Expectation e;
  e.file = std::move(file);
  return e;
}

struct Ftp : testing::Test {
  FakeContext c;
  FileAnalysis files;
  FtpAnalyzer ftp;

  Ftp() {
    c.header.resp_p = {21};
    c.file_analysis = &files;
  }
  void client(const std::string& t) { ftp.on_data(c, Direction::Orig, as_bytes(t + "\r\n")); }
  void server(const std::string& t) { ftp.on_data(c, Direction::Resp, as_bytes(t + "\r\n")); }
  void login(const std::string& user = "anonymous") {
    server("220 ready");
    client("USER " + user);
    server("331 password?");
    client("PASS me@example.com");
    server("230 in");
  }
  RowText row(size_t i = 0) { return c.rows("ftp").at(i); }
};

TEST_F(Ftp, TheNextRowHasTheProgramOfTheClient) {
  login();
  client("CLNT FileZilla 3.63.0");
  server("200 noted");
  for (const char* file : {"a", "b"}) {
    client(std::string("DELE ") + file);
    server("250 done");
  }
  client("QUIT");
  ASSERT_EQ(c.rows("ftp").size(), 2u);
  EXPECT_EQ(row(0).at("client"), "FileZilla 3.63.0");
  EXPECT_EQ(row(1).at("client"), "-");
}

TEST_F(Ftp, PassiveTransfer) {
  login();
  c.now_ns += kSecond;
  client("PASV");
  server("227 Entering Passive Mode (198,51,100,2,4,31).");
  ASSERT_EQ(c.expected.size(), 1u);
  EXPECT_EQ(c.expected[0].orig, c.header.orig_h);
  EXPECT_EQ(c.expected[0].resp, c.header.resp_h);
  EXPECT_EQ(c.expected[0].resp_port, 1055);
  EXPECT_EQ(c.expected[0].protocol, ProtocolId::FtpData);
  client("RETR notes.txt");
  EXPECT_EQ(row().at("command"), "PASV");
  EXPECT_EQ(row().at("ts"), "1000001.000000");
  EXPECT_EQ(row().at("password"), "me@example.com");
  EXPECT_EQ(row().at("data_channel.passive"), "T");
  EXPECT_EQ(row().at("data_channel.resp_p"), "1055");
  server("150 Opening connection for notes.txt (77 bytes).");
  c.expected[0].file->fuid = Uid{1, 2, 'F'};
  c.expected[0].file->mime_type = "text/plain";
  server("226 Done.");
  ftp.on_finish(c);
  ASSERT_EQ(c.rows("ftp").size(), 2u);
  EXPECT_EQ(row(1).at("arg"), "ftp://198.51.100.2/./notes.txt");
  EXPECT_EQ(row(1).at("file_size"), "77");
  EXPECT_EQ(row(1).at("reply_code"), "226");
  EXPECT_EQ(row(1).at("reply_msg"), "Done.");
  EXPECT_EQ(row(1).at("mime_type"), "text/plain");
  EXPECT_NE(row(1).at("fuid"), "-");
  EXPECT_EQ(row(1).at("data_channel.resp_p"), "-");
  EXPECT_EQ(c.confirmed, (std::vector<std::string>{"ftp"}));
  EXPECT_EQ(c.allowed_idle_ns, 60 * kMinute);
}

TEST_F(Ftp, ActiveTransferAndExtendedCommands) {
  login("jane");
  client("PORT 192,0,2,1,4,31");
  server("200 ok");
  client("EPRT |1|192.0.2.1|1056|");
  server("200 ok");
  client("EPSV");
  server("229 Extended (|||1057|)");
  client("NOOP");
  ASSERT_EQ(c.expected.size(), 3u);
  EXPECT_EQ(c.expected[0].orig, c.header.resp_h);
  EXPECT_EQ(c.expected[0].resp, c.header.orig_h);
  EXPECT_EQ(c.expected[1].resp_port, 1056);
  EXPECT_EQ(c.expected[2].resp, c.header.resp_h);
  EXPECT_EQ(row(0).at("arg"), "192,0,2,1,4,31");
  EXPECT_EQ(row(0).at("data_channel.passive"), "F");
  EXPECT_EQ(row(0).at("password"), "<hidden>");
  EXPECT_EQ(row(1).at("command"), "EPRT");
  EXPECT_EQ(row(2).at("reply_code"), "229");
}

TEST_F(Ftp, DirectoriesAreFollowed) {
  login();
  client("CWD /pub/a");
  server("250 ok");
  client("CDUP");
  server("200 ok");
  client("DELE x");
  server("250 gone");
  client("PWD");
  server("257 \"/other\" is it");
  client("STOR y");
  server("226 ok");
  ftp.on_finish(c);
  EXPECT_EQ(row(0).at("arg"), "ftp://198.51.100.2/../x");  // CDUP goes up from the root, as in Zeek
  EXPECT_EQ(row(1).at("arg"), "ftp://198.51.100.2/other/y");
}

TEST_F(Ftp, PipelinedCommandsAreMatchedByTheirReplies) {
  login();
  client("PASV\r\nRETR a");
  server("150 a");
  EXPECT_EQ(row(0).at("command"), "RETR");
  server("227 (198,51,100,2,4,31)");
  ftp.on_finish(c);
  EXPECT_EQ(row(1).at("command"), "PASV");
  EXPECT_EQ(c.rows("ftp").size(), 2u);
}

TEST_F(Ftp, TooManyPendingCommands) {
  for (int i = 0; i < 30; i++) client("RETR a");
  ASSERT_FALSE(c.weirds.empty());
  EXPECT_EQ(c.weirds[0].name, "FTP_too_many_pending_commands");
  EXPECT_EQ(c.weirds[0].addl, "20");
  ftp.on_finish(c);
  EXPECT_EQ(c.rows("ftp").size(), 19u);
}

TEST_F(Ftp, LinesWithinALongerReply) {
  login();
  client("STOR a");
  server("150 go");
  server("230- WARNING! 4 bare linefeeds received in ASCII mode");
  server("   File may not have transferred correctly.");
  server("226 Transfer complete.");
  ftp.on_finish(c);
  EXPECT_EQ(row().at("reply_code"), "0");
  EXPECT_EQ(row().at("reply_msg"), "226 Transfer complete.");
}

TEST_F(Ftp, AuthTls) {
  server("220 ready");
  client("AUTH TLS");
  ftp.on_data(c, Direction::Resp, as_bytes("234 go\r\n\x16\x03"));
  EXPECT_EQ(c.started, (std::vector<ProtocolId>{ProtocolId::Tls}));
  client("\x16\x03\x01garbage");
  EXPECT_TRUE(c.violations.empty());
  EXPECT_TRUE(c.weirds.empty());
}

TEST_F(Ftp, AdatTokensAreReadInside) {
  server("220 ready");
  EXPECT_FALSE(ftp.asks_for_gssapi());
  client("AUTH GSSAPI");
  server("334 go");
  EXPECT_TRUE(ftp.asks_for_gssapi());
  EXPECT_EQ(c.inside_starts, 1);
  client("ADAT FgMBAAEA");  // a TLS record of one byte
  EXPECT_EQ(c.inside[0], std::string("\x16\x03\x01\x00\x01\x00", 6));
  server("335 ADAT=FgM=");
  EXPECT_EQ(c.inside[1], "\x16\x03");
  server("235 done");
  client("ADAT FgMBAAEA");
  EXPECT_EQ(c.inside[0].size(), 6u);
}

TEST_F(Ftp, ViolationsAndOddities) {
  client("\x01\x02");
  EXPECT_TRUE(c.weirds.empty());
  client("USER " + std::string(200, 'u'));
  client("PASS " + std::string(200, 'p'));
  client("RETR " + std::string(5000, 'a'));
  client("x");
  client(std::string(101, 'y'));
  server("nothing");
  server("2300");
  EXPECT_EQ(c.violations, (std::vector<std::string>{"non-numeric reply code", "invalid reply line"}));
  ftp.on_data(c, Direction::Orig, as_bytes("QUI\xff\xfa"));
  ftp.on_eof(c, Direction::Orig);
  ftp.on_finish(c);
  std::vector<std::string> names;
  for (const auto& w : c.weirds) names.push_back(w.name);
  EXPECT_EQ(names, (std::vector<std::string>{"FTP_user_too_long", "FTP_password_too_long", "FTP_invalid_command",
                                             "FTP_max_command_length_exceeded", "partial_ftp_request", "FTP_arg_too_long"}));
  EXPECT_EQ(row().at("arg").size(), FtpAnalyzer::kMaxArgument);
  EXPECT_EQ(row().at("user").size(), 128u);
}

TEST_F(Ftp, TheLastLineMayLackItsEnd) {
  ftp.on_data(c, Direction::Orig, as_bytes("RETR x"));
  ftp.on_eof(c, Direction::Orig);
  EXPECT_EQ(c.confirmed, std::vector<std::string>{"ftp"});
  ftp.on_data(c, Direction::Resp, as_bytes("226 done"));
  ftp.on_eof(c, Direction::Resp);
  ftp.on_finish(c);
  EXPECT_EQ(row().at("reply_code"), "226");
  EXPECT_TRUE(c.weirds.empty());
}

TEST_F(Ftp, OfLongArgumentsTheLengthIsKnown) {
  client("RETR " + std::string(30'000, 'a'));
  server("550 " + std::string(20'000, 'b'));
  ftp.on_finish(c);
  ASSERT_EQ(c.weirds.size(), 2u);
  EXPECT_EQ(c.weirds[0].name, "FTP_arg_too_long");
  EXPECT_EQ(c.weirds[0].addl, std::to_string(std::string("ftp://198.51.100.2/./").size() + 30'000));
  EXPECT_EQ(c.weirds[1].name, "FTP_reply_msg_too_long");
  EXPECT_EQ(c.weirds[1].addl, "20000");
}

TEST_F(Ftp, DataConnectionIsAFile) {
  const auto file = std::make_shared<ExpectedFile>();
  FtpDataAnalyzer data;
  data.on_expected(c, with(file));
  data.on_data(c, Direction::Resp, as_bytes("%PDF-1.5"));
  EXPECT_TRUE(file->fuid);
  EXPECT_FALSE(file->mime_type);
  data.on_gap(c, Direction::Resp, 5);
  data.on_finish(c);
  EXPECT_EQ(file->mime_type, "application/pdf");
  const RowText r = c.rows("files").at(0);
  EXPECT_EQ(r.at("source"), "FTP_DATA");
  EXPECT_EQ(r.at("seen_bytes"), "8");
  EXPECT_EQ(r.at("missing_bytes"), "5");
  EXPECT_EQ(r.at("is_orig"), "F");
}

TEST_F(Ftp, DataOfNoKnownTypeAndFromAnotherWorker) {
  const auto file = std::make_shared<ExpectedFile>();
  FtpDataAnalyzer data, foreign;
  data.on_expected(c, with(file));
  data.on_data(c, Direction::Orig, as_bytes(std::string(2000, '\x01')));
  EXPECT_EQ(file->mime_type, "<unknown>");
  foreign.on_expected(c, with(nullptr));
  foreign.on_data(c, Direction::Orig, as_bytes("x"));
  foreign.on_finish(c);
  EXPECT_EQ(c.rows("files").size(), 1u);
}

}  // namespace
}  // namespace sensor
