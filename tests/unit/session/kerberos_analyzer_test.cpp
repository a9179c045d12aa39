#include "src/session/kerberos_analyzer.h"

#include <gtest/gtest.h>

#include "fake_context.h"
#include "gssapi_messages.h"
#include "kerberos_messages.h"
#include "src/session/authentication.h"

namespace sensor {
namespace {

using namespace test;
using Words = std::vector<std::string>;

struct Kerberos : testing::Test {
  FakeContext c;
  KerberosUdpAnalyzer analyzer;

  void client(const std::string& m) { analyzer.on_data(c, Direction::Orig, as_bytes(m)); }
  void server(const std::string& m) { analyzer.on_data(c, Direction::Resp, as_bytes(m)); }
  RowText row() {
    const auto rows = c.rows("kerberos");
    EXPECT_EQ(rows.size(), 1u);
    return rows.empty() ? RowText{} : rows[0];
  }
};

TEST_F(Kerberos, TicketsMayBeAskedForWithoutAnEnd) {
  std::string body = krb_request_body();
  body.replace(body.find("20260102030405Z"), 15, "99991231235959Z");
  client(krb_request(10, body));
  server(krb_reply(11));
  EXPECT_EQ(row().at("till"), "253402300799.000000");
}

TEST_F(Kerberos, FirstTicket) {
  client(krb_request(10, krb_request_body()));
  c.now_ns += kSecond;
  server(krb_reply(11));
  const RowText r = row();
  EXPECT_EQ(r.at("ts"), "1000000.000000");
  EXPECT_EQ(r.at("request_type"), "AS");
  EXPECT_EQ(r.at("client"), "alice/EXAMPLE.COM");
  EXPECT_EQ(r.at("service"), "host/srv.example.com");
  EXPECT_EQ(r.at("success"), "T");
  EXPECT_EQ(r.at("from"), "-");
  EXPECT_EQ(r.at("till"), "1767323045.000000");
  EXPECT_EQ(r.at("cipher"), "aes256-cts-hmac-sha1-96");
  EXPECT_EQ(r.at("forwardable"), "T");
  EXPECT_EQ(r.at("renewable"), "T");
  EXPECT_EQ(c.confirmed, Words{"krb"});
  analyzer.on_finish(c);
  EXPECT_EQ(c.rows("kerberos").size(), 1u);
}
TEST_F(Kerberos, OneMoreTicket) {
  client(krb_request(12, krb_request_body()));
  server(krb_reply(13, 99));
  EXPECT_EQ(row().at("request_type"), "TGS");
  EXPECT_EQ(row().at("client"), "alice/EXAMPLE.COM");
  EXPECT_EQ(row().at("cipher"), "unknown-99");
}
TEST_F(Kerberos, Error) {
  client(krb_request(10, krb_request_body()));
  server(krb_error(6, "CLIENT_NOT_FOUND"));
  EXPECT_EQ(row().at("success"), "F");
  EXPECT_EQ(row().at("error_msg"), "CLIENT_NOT_FOUND");
}
TEST_F(Kerberos, ErrorsWithoutWords) {
  server(krb_error(52));
  EXPECT_EQ(row().at("error_msg"), "KRB_ERR_RESPONSE_TOO_BIG");
  EXPECT_EQ(row().at("request_type"), "-");
}
TEST_F(Kerberos, PreauthenticationIsNoError) {
  client(krb_request(10, krb_request_body()));
  server(krb_error(25, "NEEDED_PREAUTH"));
  EXPECT_EQ(c.rows("kerberos").size(), 0u);
  c.now_ns += kSecond;
  client(krb_request(10, krb_request_body()));
  server(krb_reply(11));
  EXPECT_EQ(row().at("ts"), "1000001.000000");
}
TEST_F(Kerberos, NoAnswer) {
  client(krb_request(10, krb_request_body()));
  analyzer.on_finish(c);
  EXPECT_EQ(row().at("success"), "-");
}
TEST_F(Kerberos, AddressesOfAnotherLength) {
  client(krb_request(10, krb_request_body() + krb_addresses(krb_address(2, "\x0a\1\2\3"))));
  EXPECT_EQ(c.weirds.size(), 0u);
  client(krb_request(12, krb_request_body() + krb_addresses(krb_address(2, "\x0a\1\2") + krb_address(24, "\x0a\1\2\3"))));
  ASSERT_EQ(c.weirds.size(), 2u);
  EXPECT_EQ(c.weirds[0].name, "invalid_kerberos_addr_len");
  EXPECT_EQ(c.weirds[0].source, "KRB");
}
TEST_F(Kerberos, WideIntegers) {
  client(krb_request(10, krb_request_body() + der_field(7, der(asn1::kInteger, std::string(9, '\1')))));
  const auto weirds = c.rows("weird");
  ASSERT_EQ(weirds.size(), 1u);
  EXPECT_EQ(weirds[0].at("name"), "asn_binary_to_int64_shift_too_large");
  EXPECT_EQ(weirds[0].at("addl"), "9");
  EXPECT_EQ(weirds[0].at("uid"), "-");
  EXPECT_EQ(c.confirmed, Words{"krb"});
}
TEST_F(Kerberos, CertificatesThatAreNone) {
  client(krb_request(10, krb_request_body(), krb_pkinit_request({})));
  server(krb_reply(11, 18, krb_pkinit_reply("no certificate")));
  EXPECT_NE(row().at("client_cert_fuid"), "-");
  EXPECT_NE(row().at("server_cert_fuid"), row().at("client_cert_fuid"));
  EXPECT_EQ(row().at("client_cert_subject"), "-");
}
TEST_F(Kerberos, Malformed) {
  client("this is something else");
  EXPECT_EQ(c.violations.size(), 1u);
}

TEST(KerberosTcp, AnyCuts) {
  const auto framed = [](const std::string& m) {
    return std::string{0, 0, static_cast<char>(m.size() >> 8), static_cast<char>(m.size())} + m;
  };
  const std::string request = framed(krb_request(12, krb_request_body())), reply = framed(krb_reply(13));
  for (size_t cut = 0; cut <= reply.size(); cut++) {
    FakeContext c;
    KerberosTcpAnalyzer analyzer;
    analyzer.on_data(c, Direction::Orig, as_bytes(request));
    analyzer.on_data(c, Direction::Resp, as_bytes(reply).first(cut));
    analyzer.on_data(c, Direction::Resp, as_bytes(reply).subspan(cut));
    ASSERT_EQ(c.rows("kerberos").size(), 1u) << cut;
    EXPECT_EQ(c.confirmed, Words{"krb_tcp"});
  }
  EXPECT_EQ(probe_kerberos_stream({as_bytes(request), {}, 0, 0}), Probe::Certain);
  EXPECT_EQ(probe_kerberos_stream({{}, as_bytes(reply), 0, 0}), Probe::Certain);
  EXPECT_EQ(probe_kerberos_stream({as_bytes("GET / HTTP/1.1"), as_bytes("HTTP/1.1 200 OK"), 0, 0}), Probe::NotForUs);
}
TEST(KerberosTcp, MessagesThatAreTooLong) {
  FakeContext c;
  KerberosTcpAnalyzer analyzer;
  analyzer.on_data(c, Direction::Orig, as_bytes("\x7f\xff\xff\xff"));
  EXPECT_EQ(c.violations.size(), 1u);
}
TEST(KerberosTcp, AGapEndsIt) {
  FakeContext c;
  KerberosTcpAnalyzer analyzer;
  analyzer.on_gap(c, Direction::Orig, 1);
  analyzer.on_data(c, Direction::Orig, as_bytes("\x7f\xff\xff\xff"));
  EXPECT_EQ(c.violations.size(), 0u);
}

TEST(KerberosInGssapi, ApRequest) {
  FakeContext c;
  Authentication authentication;
  Authentication::Gssapi conversation;
  const std::string krb5 = der(asn1::kObjectIdentifier, "\x2a\x86\x48\x86\xf7\x12\x01\x02\x02");
  const std::string inner = der(asn1::application(0), krb5 + std::string("\x01\0", 2) + krb_ap_request());
  authentication.gssapi_token(c, conversation, as_bytes(spnego_init(inner)));
  EXPECT_EQ(c.confirmed, (Words{"krb", "gssapi"}));
  authentication.finish(c);
  ASSERT_EQ(c.rows("kerberos").size(), 1u);
  EXPECT_EQ(c.rows("kerberos")[0].at("request_type"), "-");
}

}  // namespace
}  // namespace sensor
