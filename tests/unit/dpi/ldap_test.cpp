#include "dpi/ldap/ldap.h"

#include <gtest/gtest.h>

#include <vector>

#include "dpi/ldap/reader.h"
#include "ldap_messages.h"

namespace sensor {
namespace {

using namespace test;
using ldap::Match;
using ldap::Operation;
using Outcome = ldap::Reader::Outcome;

ldap::Message read(const std::string& bytes) {
  ldap::Message m;
  EXPECT_TRUE(ldap::read_message(as_bytes(bytes), m));
  return m;
}

TEST(Ldap, Bind) {
  const auto m = read(ldap_bind(7, "cn=admin", "secret"));
  EXPECT_EQ(m.id, 7);
  EXPECT_EQ(m.operation, Operation::BindRequest);
  const auto& bind = std::get<ldap::BindRequest>(m.body);
  EXPECT_EQ(bind.version, 3u);
  EXPECT_EQ(bind.name, "cn=admin");
  EXPECT_EQ(bind.authentication, ldap::Authentication::Simple);
  EXPECT_TRUE(bind.has_password);
  EXPECT_FALSE(std::get<ldap::BindRequest>(read(ldap_bind(7, "", "")).body).has_password);
}
TEST(Ldap, SaslBind) {
  const auto bind = std::get<ldap::BindRequest>(read(ldap_sasl_bind(1, "SCRAM-SHA-512")).body);
  EXPECT_EQ(bind.authentication, ldap::Authentication::Sasl);
  EXPECT_EQ(bind.mechanism, "SCRAM-SHA-512");
}
TEST(Ldap, BindResponse) {
  const auto m = read(ldap_message(1, 1, ldap_result(49, "no such user")));
  const auto& bound = std::get<ldap::BindResponse>(m.body);
  EXPECT_EQ(ldap::result_name(bound.result.code), "invalid credentials");
  EXPECT_EQ(bound.result.diagnostic, "no such user");
  EXPECT_FALSE(bound.kerberos);
}
TEST(Ldap, ControlCharacters) {
  const auto m = read(ldap_message(1, 1, ldap_result(49, std::string("data 52e, v4563\0", 16))));
  EXPECT_EQ(std::get<ldap::BindResponse>(m.body).result.diagnostic, "data 52e, v4563?");
}
TEST(Ldap, OtherRequests) {
  const auto object = [](uint8_t operation, const std::string& content) {
    return std::get<ldap::Request>(read(ldap_message(1, operation, content)).body).object;
  };
  EXPECT_EQ(object(6, der_octets("cn=a") + der_sequence({})), "cn=a");
  EXPECT_EQ(object(10, "cn=a"), "cn=a");
  EXPECT_EQ(object(16, "\x05"), "5");
  EXPECT_EQ(std::get<ldap::ExtendedRequest>(read(ldap_start_tls(1)).body).name, ldap::kStartTls);
}

std::string filter(const std::string& f) {
  return std::get<ldap::SearchRequest>(read(ldap_search(1, "dc=example", f)).body).filter;
}
TEST(LdapFilter, Conditions) {
  EXPECT_EQ(filter(ldap_present("objectClass")), "(objectClass=*)");
  EXPECT_EQ(filter(ldap_assertion(3, "cn", "a")), "(cn=a)");
  EXPECT_EQ(filter(ldap_assertion(5, "n", "1")), "(n>=1)");
  EXPECT_EQ(filter(ldap_assertion(6, "n", "1")), "(n<=1)");
  EXPECT_EQ(filter(ldap_assertion(8, "n", "1")), "(n~=1)");
  EXPECT_EQ(filter(ldap_assertion(3, "cn", std::string(200, 'a'))), "(cn=" + std::string(200, 'a') + ")");
}
TEST(LdapFilter, BytesThatAreNoText) {
  const auto value = [](const std::string& v) { return filter(ldap_assertion(3, "a", v)); };
  EXPECT_EQ(value("\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80"), "(a=\u00e9\u20ac\U0001F600)");
  EXPECT_EQ(value("\xa9z\xff"), "(a=\ufffdz\ufffd)");
  EXPECT_EQ(value("\xc0\x80"), "(a=\ufffd\ufffd)");
  EXPECT_EQ(value("\xed\xa0\x80"), "(a=\ufffd\ufffd\ufffd)");
  EXPECT_EQ(value("\xe2\x82"), "(a=\ufffd\ufffd)");
}
TEST(LdapFilter, Substrings) {
  const auto substrings = [](const std::string& parts) { return filter(der_field(4, der_octets("cn") + der(asn1::kSequence, parts))); };
  EXPECT_EQ(substrings(der(asn1::context(0), "a")), "(cn=a*)");
  EXPECT_EQ(substrings(der(asn1::context(2), "z")), "(cn=*z)");
  EXPECT_EQ(substrings(der(asn1::context(0), "a") + der(asn1::context(1), "b") + der(asn1::context(1), "c") + der(asn1::context(2), "d")),
            "(cn=a*b*c*d)");
}
TEST(LdapFilter, Combined) {
  const std::string a = ldap_present("a"), b = ldap_present("b"), c = ldap_present("c");
  EXPECT_EQ(filter(der_field(0, a)), "(&(a=*))");
  EXPECT_EQ(filter(der_field(0, a + b)), "(&(a=*)(b=*))");
  EXPECT_EQ(filter(der_field(1, a + b + c)), "(|(|(a=*)(b=*))(c=*))");
  EXPECT_EQ(filter(der_field(2, a)), "(!(a=*))");
  EXPECT_EQ(filter(der_field(0, {})), "");
}
TEST(LdapFilter, Extensible) {
  const std::string rule = der(asn1::context(1), "1.2.840.113556.1.4.803"), type = der(asn1::context(2), "flags"),
                    value = der(asn1::context(3), "2");
  EXPECT_EQ(filter(der_field(9, rule + type + value)), "(flags:1.2.840.113556.1.4.803:=2)");
  EXPECT_EQ(filter(der_field(9, type + value)), "(flags:=2)");
}
TEST(LdapFilter, PingsToDomainControllers) {
  EXPECT_EQ(filter(ldap_assertion(3, "NtVer", std::string("\x16\0\0\x20", 4))), "(NtVer=0x20000016)");
  EXPECT_EQ(filter(ldap_assertion(3, "NtVer", "x")), "(NtVer=HEX_FORMAT_FAILED)");
  EXPECT_EQ(filter(ldap_assertion(3, "DomainGuid", "\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f\x10")),
            "(DomainGuid=04030201-0605-0807-090a-0b0c0d0e0f10)");
  EXPECT_EQ(filter(ldap_assertion(3, "DomainGuid", "x")), "(DomainGuid=GUID_FORMAT_FAILED)");
  EXPECT_EQ(filter(ldap_assertion(3, "AAC", std::string("\x80\0", 2))), "(AAC=80:00)");
  const std::string sid("\x01\x04\0\0\0\0\0\x05\x15\0\0\0\x01\0\0\0\x02\0\0\0\x03\0\0\0", 24);
  EXPECT_EQ(filter(ldap_assertion(3, "DomainSid", sid)), "(DomainSid=S-1-5-21-1-2-3)");
  EXPECT_EQ(filter(ldap_assertion(3, "DomainSid", "x")), "(DomainSid=SID_FORMAT_FAILED)");
}
TEST(LdapFilter, TooDeep) {
  std::string f = ldap_present("a");
  for (unsigned i = 0; i < ldap::kMaxFilterDepth; i++) f = der_field(2, f);
  EXPECT_EQ(filter(f).substr(0, 4), "(!(!");
  ldap::Message m;
  EXPECT_FALSE(ldap::read_message(as_bytes(ldap_search(1, "", der_field(2, f))), m));
}
TEST(LdapFilter, LongOnesAreCutOff) {
  std::string f;
  for (int i = 0; i < 1000; i++) f += ldap_present("attribute" + std::to_string(i));
  EXPECT_EQ(filter(der_field(0, f)).size(), ldap::kMaxText);
}
TEST(LdapFilter, OfNoKind) {
  ldap::Message m;
  EXPECT_FALSE(ldap::read_message(as_bytes(ldap_search(1, "", der_field(10, "x"))), m));
  EXPECT_FALSE(ldap::read_message(as_bytes(ldap_search(1, "", der_octets("x"))), m));
}

TEST(Ldap, ElementsTooDeep) {
  std::string e = der_sequence({});
  for (unsigned i = 0; i < 40; i++) e = der_sequence({e});
  ldap::Message m;
  const std::string base = der_octets("") + ldap_number(2) + ldap_number(0) + der_integer(0) + der_integer(0) + der(asn1::kBoolean, "\xff");
  EXPECT_FALSE(ldap::read_message(as_bytes(ldap_message(1, 3, base + ldap_present("a") + e)), m));
}
TEST(Ldap, Malformed) {
  ldap::Message m;
  for (const std::string& bytes :
       {std::string(), std::string("0"), der_sequence({}), der_sequence({der_integer(1), der_octets("x")}),
        der_sequence({der_octets("1"), der(asn1::application(2), {})}), ldap_message(1, 21, {}), std::string("\x31\x00", 2)})
    EXPECT_FALSE(ldap::read_message(as_bytes(bytes), m)) << bytes;
}
TEST(Ldap, AnyTruncation) {
  for (const std::string& bytes :
       {ldap_bind(1, "a", "b"), ldap_sasl_bind(1, "NTLM"), ldap_bound(1, 0, der(asn1::context(7), "x")),
        ldap_search(1, "dc", der_field(0, ldap_present("a") + ldap_assertion(3, "b", "c"))), ldap_start_tls(1)}) {
    for (size_t n = 0; n < bytes.size(); n++) {
      ldap::Message m;
      EXPECT_FALSE(ldap::read_message(as_bytes(std::string_view(bytes).substr(0, n)), m)) << n;
      std::string bad = bytes;
      bad[n] = '\x7e';
      ldap::read_message(as_bytes(bad), m);
    }
  }
}

struct Collector final : ldap::Sink {
  std::vector<Operation> operations;
  void on_message(const ldap::Message& m) override { operations.push_back(m.operation); }
};
using Operations = std::vector<Operation>;

struct LdapReader : testing::Test {
  ldap::Reader reader;
  Collector sink;
  Outcome client(const std::string& s) { return reader.add(true, as_bytes(s), sink); }
  Outcome server(const std::string& s) { return reader.add(false, as_bytes(s), sink); }
};

TEST_F(LdapReader, AnyCuts) {
  const std::string stream = ldap_bind(1, "a", "b") + ldap_search(2, "dc", ldap_present("a")) + ldap_message(3, 2, {});
  for (size_t cut = 0; cut <= stream.size(); cut++) {
    ldap::Reader r;
    Collector c;
    EXPECT_EQ(r.add(true, as_bytes(stream).first(cut), c), Outcome::Read);
    EXPECT_EQ(r.add(true, as_bytes(stream).subspan(cut), c), Outcome::Read);
    EXPECT_EQ(c.operations, (Operations{Operation::BindRequest, Operation::SearchRequest, Operation::UnbindRequest})) << cut;
    EXPECT_TRUE(r.is_complete(true));
  }
}
TEST_F(LdapReader, InManyPieces) {
  const std::string stream = ldap_bind(1, "a", "b") + ldap_search(2, std::string(5000, 'd'), ldap_present("a")) + ldap_message(3, 2, {});
  for (const size_t size : {1, 3, 100, 1448}) {
    ldap::Reader r;
    Collector c;
    for (size_t at = 0; at < stream.size(); at += size) EXPECT_EQ(r.add(true, as_bytes(stream.substr(at, size)), c), Outcome::Read);
    EXPECT_EQ(c.operations, (Operations{Operation::BindRequest, Operation::SearchRequest, Operation::UnbindRequest})) << size;
    EXPECT_TRUE(r.is_complete(true));
  }
}
TEST_F(LdapReader, Malformed) {
  EXPECT_EQ(client("GET / HTTP/1.1\r\n"), Outcome::Malformed);
}
TEST_F(LdapReader, StartTls) {
  client(ldap_start_tls(1));
  const std::string answer = ldap_message(1, 24, ldap_result(0)) + "TLS";
  EXPECT_EQ(server(answer), Outcome::Tls);
  EXPECT_EQ(as_chars(reader.rest()), "TLS");
}
TEST_F(LdapReader, StartTlsThatIsRefused) {
  client(ldap_start_tls(1));
  EXPECT_EQ(server(ldap_message(1, 24, ldap_result(2))), Outcome::Read);
  EXPECT_EQ(client(ldap_bind(2, "a", "b")), Outcome::Read);
  EXPECT_EQ(sink.operations.size(), 3u);
}
TEST_F(LdapReader, SaslWithoutEncryption) {
  client(ldap_sasl_bind(1, "SCRAM-SHA-512"));
  server(ldap_bound(1, 0));
  client(ldap_search(2, "dc", ldap_present("a")));
  EXPECT_EQ(sink.operations.size(), 3u);
}
TEST_F(LdapReader, SaslWithEncryption) {
  client(ldap_sasl_bind(1, "SRP"));
  server(ldap_bound(1, 0));
  const std::string encrypted = std::string("\0\0\0\x05", 4) + "12345";
  for (const char byte : encrypted + encrypted) EXPECT_EQ(client(std::string(1, byte)), Outcome::Read);
  EXPECT_EQ(server(encrypted), Outcome::Read);
  EXPECT_EQ(sink.operations.size(), 2u);
}
std::string wrap_token(const std::string& content, uint8_t flags, const std::string& trailer = {}) {
  const std::string ec{static_cast<char>(trailer.size() >> 8), static_cast<char>(trailer.size())};
  const std::string token = "\x05\x04" + std::string{static_cast<char>(flags), '\xff'} + ec + std::string(10, '\0') + content + trailer;
  return std::string{0, 0, static_cast<char>(token.size() >> 8), static_cast<char>(token.size())} + token;
}
TEST_F(LdapReader, KerberosWithoutEncryption) {
  client(ldap_sasl_bind(1, "GSSAPI"));
  server(ldap_bound(1, 0));
  const std::string search = ldap_search(2, "dc", ldap_present("a"));
  const std::string bytes = wrap_token(search, 0, "checksum") + wrap_token(ldap_message(3, 2, {}), 2) + wrap_token(search, 0);
  for (const char byte : bytes) EXPECT_EQ(client(std::string(1, byte)), Outcome::Read);
  EXPECT_EQ(sink.operations.size(), 4u) << "what is sealed is passed over";
}
TEST_F(LdapReader, KerberosBySpnego) {
  const std::string oid = der(asn1::kObjectIdentifier, "\x2a\x86\x48\x82\xf7\x12\x01\x02\x02");
  const std::string accepted = der_field(0, ldap_number(0)) + der_field(1, oid) + der_field(2, der_octets("token"));
  client(ldap_sasl_bind(1, "GSS-SPNEGO"));
  server(ldap_bound(1, 0, der(asn1::context(7), der_field(1, der(asn1::kSequence, accepted)))));
  client(wrap_token(ldap_search(2, "dc", ldap_present("a")), 0));
  EXPECT_EQ(sink.operations.size(), 3u);
}
TEST_F(LdapReader, LongMessages) {
  const std::string content = der_octets("cn=a") + der_octets(std::string(60000, 'x')) + der_octets(std::string(60000, 'y'));
  const auto longer = [&](uint8_t operation) {
    const std::string body = der_integer(1) +
                             std::string{static_cast<char>(0x60 | operation), '\x83', static_cast<char>(content.size() >> 16),
                                         static_cast<char>(content.size() >> 8), static_cast<char>(content.size())} +
                             content;
    return std::string{'\x30', '\x83', static_cast<char>(body.size() >> 16), static_cast<char>(body.size() >> 8),
                       static_cast<char>(body.size())} +
           body;
  };
  EXPECT_EQ(server(longer(4) + longer(6) + ldap_message(1, 5, ldap_result(0))), Outcome::Read);
  EXPECT_EQ(sink.operations, (Operations{Operation::SearchEntry, Operation::SearchDone}));
}
TEST_F(LdapReader, Beginnings) {
  const std::string bind = ldap_bind(1, "a", "b"), answer = ldap_bound(1, 0), search = ldap_search(1, "dc", ldap_present("a"));
  EXPECT_EQ(ldap::begins_with_bind(as_bytes(bind), as_bytes(answer)), Match::Yes);
  EXPECT_EQ(ldap::begins_with_bind(as_bytes(bind), {}), Match::Unsure);
  for (size_t n = 0; n < 6; n++) EXPECT_EQ(ldap::begins_with_bind(as_bytes(bind).first(n), as_bytes(answer)), Match::Unsure);
  EXPECT_EQ(ldap::begins_with_bind(as_bytes(search), as_bytes(answer)), Match::No);
  EXPECT_EQ(ldap::begins_with_bind(as_bytes(bind), as_bytes("HTTP")), Match::No);
}

}  // namespace
}  // namespace sensor
