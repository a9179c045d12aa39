#include "src/session/authentication.h"

#include <gtest/gtest.h>

#include "fake_context.h"
#include "gssapi_messages.h"
#include "sensor/session/file_analysis.h"
#include "src/session/smb_analyzer.h"

namespace sensor {
namespace {

using namespace test;
using Words = std::vector<std::string>;

struct Login : testing::Test {
  FakeContext c;
  Authentication authentication;
  Authentication::Gssapi conversation;

  void token(const std::string& bytes) { authentication.gssapi_token(c, conversation, as_bytes(bytes)); }
  void log_in(int result) {
    token(spnego_init(ntlm_negotiate()));
    c.now_ns += kSecond;
    token(spnego_answer(1, ntlm_challenge()));
    token(spnego_answer(-1, ntlm_authenticate(utf16("DOM"), utf16("alice"), utf16("PC"))));
    if (result >= 0) token(spnego_answer(result));
  }
};

TEST_F(Login, Accepted) {
  log_in(0);
  ASSERT_EQ(c.rows("ntlm").size(), 1u);
  const RowText r = c.rows("ntlm")[0];
  EXPECT_EQ(r.at("ts"), "1000000.000000");
  EXPECT_EQ(r.at("username"), "alice");
  EXPECT_EQ(r.at("hostname"), "PC");
  EXPECT_EQ(r.at("domainname"), "DOM");
  EXPECT_EQ(r.at("server_nb_computer_name"), "SRV");
  EXPECT_EQ(r.at("server_dns_computer_name"), "srv.example.com");
  EXPECT_EQ(r.at("server_tree_name"), "example.com");
  EXPECT_EQ(r.at("success"), "T");
  EXPECT_EQ(c.confirmed, (Words{"ntlm", "gssapi"}));
  authentication.finish(c);
  EXPECT_EQ(c.rows("ntlm").size(), 1u);
}
TEST_F(Login, Rejected) {
  log_in(2);
  ASSERT_EQ(c.rows("ntlm").size(), 1u);
  EXPECT_EQ(c.rows("ntlm")[0].at("success"), "F");
}
TEST_F(Login, WithoutAnEnd) {
  log_in(-1);
  EXPECT_EQ(c.rows("ntlm").size(), 0u);
  authentication.finish(c);
  ASSERT_EQ(c.rows("ntlm").size(), 1u);
  EXPECT_EQ(c.rows("ntlm")[0].at("success"), "-");
}
TEST_F(Login, OnlyTheFirstOfAConnection) {
  log_in(0);
  log_in(2);
  authentication.finish(c);
  EXPECT_EQ(c.rows("ntlm").size(), 1u);
}
TEST_F(Login, NothingToTell) {
  token(spnego_init({}));
  token(spnego_answer(0));
  authentication.finish(c);
  EXPECT_EQ(c.rows("ntlm").size(), 0u);
  EXPECT_EQ(c.confirmed, Words{"gssapi"});
}
TEST_F(Login, MalformedTokens) {
  token(spnego_init({}));
  token(std::string(16, '\1'));
  EXPECT_EQ(c.confirmed, Words{});
  token(spnego_answer(0));
  EXPECT_EQ(c.confirmed, Words{}) << "confirmed once only";
}
TEST_F(Login, LongNamesAreCutOff) {
  authentication.ntlm_message(c, as_bytes(ntlm_authenticate({}, utf16(std::string(5000, 'a')), {})));
  authentication.finish(c);
  ASSERT_EQ(c.rows("ntlm").size(), 1u);
  EXPECT_EQ(c.rows("ntlm")[0].at("username"), std::string(Authentication::kMaxName / 2, 'a'));
}
TEST_F(Login, CodePages) {
  authentication.ntlm_message(c, as_bytes(ntlm_authenticate({}, "bob", {}, 2)));
  authentication.finish(c);
  EXPECT_EQ(c.rows("ntlm").at(0).at("username"), "bob");
}
TEST_F(Login, HalfOfASurrogate) {
  authentication.ntlm_message(c, as_bytes(ntlm_authenticate({}, std::string("\0\xd8", 2), {})));
  ASSERT_EQ(c.weirds.size(), 1u);
  EXPECT_EQ(c.weirds[0].name, "utf16_conversion_failed");
}

struct SmbLogin : testing::Test {
  FakeContext c;
  FileAnalysis files;
  SmbAnalyzer analyzer;

  SmbLogin() { c.file_analysis = &files; }
  void client(const std::string& message) { analyzer.on_data(c, Direction::Orig, as_bytes(smb_frame(message))); }
};

TEST_F(SmbLogin, Smb2) {
  client(smb2_message({1}, smb2_session_setup(spnego_init(ntlm_negotiate()))));
  EXPECT_EQ(c.confirmed, (Words{"ntlm", "gssapi"}));
  analyzer.on_finish(c);
  EXPECT_EQ(c.rows("ntlm").size(), 1u);
}
TEST_F(SmbLogin, Smb1) {
  client(smb1_message(0x73, smb1_session_setup(spnego_init(ntlm_negotiate()))));
  analyzer.on_finish(c);
  EXPECT_EQ(c.rows("ntlm").size(), 1u);
}
TEST_F(SmbLogin, WithoutGssapi) {
  client(smb2_message({1}, smb2_session_setup(ntlm_authenticate({}, utf16("alice"), {}))));
  EXPECT_EQ(c.confirmed, Words{"ntlm"});
  analyzer.on_finish(c);
  ASSERT_EQ(c.rows("ntlm").size(), 1u);
  EXPECT_EQ(c.rows("ntlm")[0].at("username"), "alice");
}

}  // namespace
}  // namespace sensor
