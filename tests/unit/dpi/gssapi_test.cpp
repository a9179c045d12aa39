#include "dpi/gssapi/gssapi.h"

#include <gtest/gtest.h>

#include "dpi/ntlm/ntlm.h"
#include "gssapi_messages.h"

namespace sensor {
namespace {

using namespace test;
using gssapi::Mechanism;

gssapi::Token read_token(const std::string& bytes) {
  gssapi::Token t;
  EXPECT_TRUE(gssapi::read_token(as_bytes(bytes), t));
  return t;
}

TEST(Ber, Lengths) {
  for (const size_t n : {0, 1, 127, 128, 255, 256, 65535}) {
    const std::string bytes = der_octets(std::string(n, 'x')) + "rest";
    ByteReader r(as_bytes(bytes));
    EXPECT_EQ(asn1::read_element(r).content.size(), n);
    EXPECT_EQ(r.remaining(), 4u);
  }
}
TEST(Ber, BadLengths) {
  for (const std::string& bytes : {std::string("\x04\x80zz"), std::string("\x04\x02z"), std::string("\x04"), std::string("\x04\x82\x01"),
                                   "\x04\x89" + std::string(9, '\0'), "\x04\x88" + std::string(8, '\xff') + "zz"}) {
    ByteReader r(as_bytes(bytes));
    EXPECT_TRUE(asn1::read_element(r).content.empty());
    EXPECT_FALSE(r.ok());
  }
}
TEST(Ber, Numbers) {
  EXPECT_EQ(asn1::number({}), 0u);
  EXPECT_EQ(asn1::number(as_bytes("\x01\x02")), 0x102u);
  EXPECT_EQ(asn1::number(as_bytes("123456789")), 0u);
}

TEST(Gssapi, Init) {
  const std::string bytes = spnego_init("NTLMSSP and more");
  const gssapi::Token t = read_token(bytes);
  EXPECT_EQ(t.mechanism, Mechanism::Ntlm);
  EXPECT_EQ(as_chars(t.inner), "NTLMSSP and more");
  EXPECT_FALSE(t.result);
}
TEST(Gssapi, Answers) {
  EXPECT_EQ(read_token(spnego_answer(0)).result, 0u);
  EXPECT_EQ(read_token(spnego_answer(2)).result, 2u);
  EXPECT_EQ(read_token(spnego_answer(1, "NTLMSSP")).result, 1u);
  EXPECT_EQ(read_token(spnego_answer(1, "NTLMSSP")).mechanism, Mechanism::Ntlm);
  EXPECT_FALSE(read_token(spnego_answer(-1, "NTLMSSP")).result);
}
TEST(Gssapi, Kerberos) {
  const std::string krb5 = der(asn1::kObjectIdentifier, "\x2a\x86\x48\x86\xf7\x12\x01\x02\x02");
  const std::string bytes = spnego_init(der(asn1::application(0), krb5 + std::string("\x01\0", 2) + "AP-REQ"));
  const gssapi::Token t = read_token(bytes);
  EXPECT_EQ(t.mechanism, Mechanism::Kerberos);
  EXPECT_EQ(as_chars(t.inner), "AP-REQ");
}
TEST(Gssapi, OthersSayNothing) {
  EXPECT_EQ(read_token(spnego_init({})).mechanism, Mechanism::None);
  EXPECT_EQ(read_token(spnego_init("NEGOEXTS")).mechanism, Mechanism::None);
  EXPECT_EQ(read_token(std::string("\x04\x04\x05\xff checksum")).mechanism, Mechanism::None);
  EXPECT_EQ(read_token(std::string("\x05\x04\x05\xff wrapped")).mechanism, Mechanism::None);
}
TEST(Gssapi, Malformed) {
  gssapi::Token t;
  for (const std::string& bytes : {std::string(), std::string("a"), der_field(1, der(asn1::kSequence, der_field(4, der_integer(1)))),
                                   der_field(1, der(asn1::kSequence, der(0x61, "z"))), std::string(16, '\1')})
    EXPECT_FALSE(gssapi::read_token(as_bytes(bytes), t)) << bytes;
}
TEST(Gssapi, WhatCameBeforeStays) {
  gssapi::Token t;
  EXPECT_FALSE(gssapi::read_token(as_bytes(spnego_answer(0) + "\xa7\x01z"), t));
  EXPECT_EQ(t.result, 0u);
}
TEST(Gssapi, AnyTruncation) {
  for (const std::string& bytes : {spnego_init(ntlm_negotiate()), spnego_answer(1, ntlm_challenge())})
    for (size_t n = 0; n < bytes.size(); n++) {
      gssapi::Token t;
      gssapi::read_token(as_bytes(std::string_view(bytes).substr(0, n)), t);
      EXPECT_EQ(t.mechanism, Mechanism::None);
    }
}

std::string text(const std::optional<ntlm::Name>& name) {
  return name ? std::string(as_chars(name->bytes)) : "-";
}

TEST(Ntlm, Negotiate) {
  ntlm::Message m;
  const std::string bytes = ntlm_negotiate();
  ASSERT_TRUE(ntlm::read_message(as_bytes(bytes), m));
  EXPECT_TRUE(std::holds_alternative<ntlm::Negotiate>(m));
}
TEST(Ntlm, Challenge) {
  ntlm::Message m;
  const std::string bytes = ntlm_challenge();
  ASSERT_TRUE(ntlm::read_message(as_bytes(bytes), m));
  const auto& challenge = std::get<ntlm::Challenge>(m);
  EXPECT_EQ(text(challenge.nb_computer_name), utf16("SRV"));
  EXPECT_EQ(text(challenge.dns_computer_name), utf16("srv.example.com"));
  EXPECT_EQ(text(challenge.dns_tree_name), utf16("example.com"));
}
TEST(Ntlm, ChallengeWithoutAttributes) {
  ntlm::Message m;
  const std::string bytes = ntlm_head(2) + ntlm_field(0, 0) + zeros(4 + 16) + ntlm_field(0, 0);
  ASSERT_TRUE(ntlm::read_message(as_bytes(bytes), m));
  EXPECT_FALSE(std::get<ntlm::Challenge>(m).nb_computer_name);
}
TEST(Ntlm, Authenticate) {
  ntlm::Message m;
  const std::string bytes = ntlm_authenticate("DOMAIN", "user", {});
  ASSERT_TRUE(ntlm::read_message(as_bytes(bytes), m));
  const auto& a = std::get<ntlm::Authenticate>(m);
  EXPECT_EQ(text(a.domain), "DOMAIN");
  EXPECT_EQ(text(a.user), "user");
  EXPECT_EQ(text(a.workstation), "-");
  EXPECT_TRUE(a.user->unicode);
}
TEST(Ntlm, CodePages) {
  ntlm::Message m;
  const std::string bytes = ntlm_authenticate("DOMAIN", "user", {}, 2);
  ASSERT_TRUE(ntlm::read_message(as_bytes(bytes), m));
  EXPECT_FALSE(std::get<ntlm::Authenticate>(m).user->unicode);
}
TEST(Ntlm, OtherTypes) {
  ntlm::Message m;
  const std::string bytes = ntlm_head(9);
  ASSERT_TRUE(ntlm::read_message(as_bytes(bytes), m));
  EXPECT_TRUE(std::holds_alternative<std::monostate>(m));
}
TEST(Ntlm, AnyTruncation) {
  for (const std::string& bytes : {ntlm_challenge(), ntlm_authenticate("D", "u", "w")})
    for (size_t n = 0; n < bytes.size(); n++) {
      ntlm::Message m;
      EXPECT_FALSE(ntlm::read_message(as_bytes(std::string_view(bytes).substr(0, n)), m)) << n;
    }
}
TEST(Ntlm, AttributesThatNeverEnd) {
  ntlm::Message m;
  std::string bytes = ntlm_challenge();
  bytes.resize(bytes.size() - 4);
  EXPECT_FALSE(ntlm::read_message(as_bytes(bytes), m));
}
TEST(Ntlm, FieldsOutsideOfTheMessage) {
  ntlm::Message m;
  std::string bytes = ntlm_authenticate("D", "u", "w");
  bytes.replace(12 + 3 * 8 + 4, 4, "\xff\xff\xff\xff");
  EXPECT_FALSE(ntlm::read_message(as_bytes(bytes), m));
}

}  // namespace
}  // namespace sensor
