#include "src/session/ldap_analyzer.h"

#include <gtest/gtest.h>

#include "fake_context.h"
#include "ldap_messages.h"

namespace sensor {
namespace {

using namespace test;
using Words = std::vector<std::string>;

struct Ldap : testing::Test {
  FakeContext c;
  LdapAnalyzer analyzer;

  void client(const std::string& m) { analyzer.on_data(c, Direction::Orig, as_bytes(m)); }
  void server(const std::string& m) { analyzer.on_data(c, Direction::Resp, as_bytes(m)); }
  RowText row(std::string_view log = "ldap") {
    const auto rows = c.rows(log);
    EXPECT_EQ(rows.size(), 1u);
    return rows.empty() ? RowText{} : rows.back();
  }
};

TEST_F(Ldap, SimpleBind) {
  client(ldap_bind(1, "cn=admin", "secret"));
  c.now_ns += kSecond;
  server(ldap_message(1, 1, ldap_result(49, "wrong")));
  const RowText r = row();
  EXPECT_EQ(r.at("ts"), "1000000.000000");
  EXPECT_EQ(r.at("message_id"), "1");
  EXPECT_EQ(r.at("version"), "3");
  EXPECT_EQ(r.at("opcode"), "bind simple");
  EXPECT_EQ(r.at("result"), "invalid credentials");
  EXPECT_EQ(r.at("diagnostic_message"), "wrong");
  EXPECT_EQ(r.at("object"), "cn=admin");
  EXPECT_EQ(r.at("argument"), "REDACTED");
  EXPECT_EQ(c.confirmed, Words{"ldap_tcp"});
}
TEST_F(Ldap, SaslBind) {
  client(ldap_sasl_bind(1, "SCRAM-SHA-512"));
  server(ldap_bound(1, 14));
  EXPECT_EQ(row().at("opcode"), "bind SASL");
  EXPECT_EQ(row().at("argument"), "SCRAM-SHA-512");
  EXPECT_EQ(row().at("object"), "-");
}
TEST_F(Ldap, Sicily) {
  client(ldap_message(1, 0, der_integer(3) + der_octets("User") + der(asn1::context(10), "NTLMSSP")));
  server(ldap_bound(1, 0));
  EXPECT_EQ(row().at("opcode"), "sicily_negotiate");
  EXPECT_EQ(row().at("argument"), "NTLMSSP");
}
TEST_F(Ldap, WaysToLogInThatAreNotKnown) {
  client(ldap_message(1, 0, der_integer(3) + der_octets({}) + der(asn1::context(9), {})));
  ASSERT_EQ(c.weirds.size(), 1u);
  EXPECT_EQ(c.weirds[0].name, "LDAP_unknown_auth_type");
  EXPECT_EQ(c.weirds[0].source, "LDAP");
}
TEST_F(Ldap, Search) {
  client(ldap_search(2, "dc=example", ldap_present("objectClass")));
  server(ldap_entry(2) + ldap_entry(2));
  server(ldap_message(2, 19, der_octets("ldap://other")) + ldap_message(2, 5, ldap_result(0)));
  const RowText r = row("ldap_search");
  EXPECT_EQ(r.at("message_id"), "2");
  EXPECT_EQ(r.at("scope"), "tree");
  EXPECT_EQ(r.at("deref_aliases"), "never");
  EXPECT_EQ(r.at("base_object"), "dc=example");
  EXPECT_EQ(r.at("result_count"), "2");
  EXPECT_EQ(r.at("result"), "success");
  EXPECT_EQ(r.at("filter"), "(objectClass=*)");
  EXPECT_EQ(r.at("attributes"), "-");
  EXPECT_EQ(c.rows("ldap").size(), 0u);
}
TEST_F(Ldap, OtherOperations) {
  client(ldap_message(3, 6, der_octets("cn=a") + der_sequence({})));
  server(ldap_message(3, 7, ldap_result(32)));
  client(ldap_message(4, 10, "cn=b"));
  server(ldap_message(4, 11, ldap_result(0)));
  client(ldap_message(5, 23, der(asn1::context(0), "1.3.6.1.4.1.4203.1.11.3")));
  server(ldap_message(5, 24, ldap_result(0)));
  client(ldap_message(6, 2, {}));
  const auto rows = c.rows("ldap");
  ASSERT_EQ(rows.size(), 4u);
  EXPECT_EQ(rows[0].at("opcode"), "modify");
  EXPECT_EQ(rows[0].at("object"), "cn=a");
  EXPECT_EQ(rows[0].at("result"), "no such object");
  EXPECT_EQ(rows[1].at("opcode"), "delete");
  EXPECT_EQ(rows[1].at("object"), "cn=b");
  EXPECT_EQ(rows[2].at("opcode"), "extended");
  EXPECT_EQ(rows[2].at("object"), "1.3.6.1.4.1.4203.1.11.3 (whoami)");
  EXPECT_EQ(rows[3].at("opcode"), "unbind");
  EXPECT_EQ(rows[3].at("result"), "-");
}
TEST_F(Ldap, WithoutAnswers) {
  client(ldap_message(1, 8, der_octets("cn=a")) + ldap_search(2, "", ldap_present("a")));
  EXPECT_EQ(c.rows("ldap").size() + c.rows("ldap_search").size(), 0u);
  analyzer.on_finish(c);
  EXPECT_EQ(row().at("opcode"), "add");
  EXPECT_EQ(row("ldap_search").at("result"), "-");
}
TEST_F(Ldap, TooManyWithoutAnswers) {
  for (uint8_t id = 1; id <= 11; id++) {
    client(ldap_message(id, 8, der_octets("cn=a")));
    client(ldap_search(id, "", ldap_present("a")));
  }
  EXPECT_EQ(c.rows("ldap").size(), 10u);
  EXPECT_EQ(c.rows("ldap_search").size(), 10u);
  ASSERT_EQ(c.weirds.size(), 2u);
  EXPECT_EQ(c.weirds[0].name, "LDAP_max_pending_messages_exceeded");
  EXPECT_EQ(c.weirds[0].addl, "10");
  EXPECT_EQ(c.weirds[1].name, "LDAP_max_pending_searches_exceeded");
}
TEST_F(Ldap, Contradictions) {
  server(ldap_bound(1, 0));
  client(ldap_message(2, 8, der_octets("cn=a")));
  server(ldap_message(2, 11, ldap_result(0)));
  client(ldap_search(3, "a", ldap_present("a")) + ldap_search(3, "b", ldap_present("a")));
  Words names;
  for (const auto& w : c.weirds) names.push_back(w.name + " " + w.addl);
  EXPECT_EQ(names, (Words{"LDAP_bind_without_opcode 1: bind", "LDAP_message_opcode_change 2: add -> delete",
                          "LDAP_search_base_object_change 3: a -> b"}));
}
TEST_F(Ldap, StartTls) {
  client(ldap_start_tls(1));
  server(ldap_message(1, 24, ldap_result(0)));
  EXPECT_EQ(row().at("object"), "1.3.6.1.4.1.1466.20037 (StartTLS)");
  EXPECT_EQ(c.started, std::vector<ProtocolId>{ProtocolId::Tls});
  EXPECT_EQ(c.done_calls, 1);
}
TEST_F(Ldap, Malformed) {
  client("GET / HTTP/1.1\r\n");
  EXPECT_EQ(c.violations.size(), 1u);
  EXPECT_EQ(c.confirmed, Words{});
}
TEST_F(Ldap, AGapEndsTheReading) {
  client(ldap_bind(1, "cn=admin", "secret"));
  analyzer.on_gap(c, Direction::Orig, 10);
  server(ldap_bound(1, 0));
  EXPECT_EQ(c.violations.size(), 0u);
  EXPECT_EQ(c.rows("ldap").size(), 0u) << "nor is the other direction read";
  analyzer.on_finish(c);
  EXPECT_EQ(row().at("result"), "-");
}
TEST_F(Ldap, AGapInWhatIsPassedOver) {
  client(ldap_sasl_bind(1, "SRP"));
  server(ldap_bound(1, 0));
  const std::string encrypted = std::string("\0\0\0\x64", 4) + std::string(100, 'x');
  client(encrypted.substr(0, 30));
  analyzer.on_gap(c, Direction::Orig, 74);
  client(encrypted);
  EXPECT_EQ(c.done_calls, 0);
  client(encrypted.substr(0, 30));
  analyzer.on_gap(c, Direction::Orig, 75);
  client(encrypted);
  EXPECT_EQ(c.done_calls, 1);
  EXPECT_EQ(c.violations.size(), 0u);
}
TEST_F(Ldap, EndsWithinAMessage) {
  client(ldap_bind(1, "cn=admin", "secret"));
  analyzer.on_eof(c, Direction::Orig);
  EXPECT_EQ(c.violations.size(), 0u);
  server(ldap_bound(1, 0).substr(0, 5));
  analyzer.on_eof(c, Direction::Resp);
  EXPECT_EQ(c.violations.size(), 1u);
}
TEST_F(Ldap, Datagrams) {
  c.transport_protocol = Transport::Udp;
  client(ldap_search(1, "", ldap_present("a")));
  EXPECT_EQ(c.confirmed, Words{"ldap_udp"});
  client(ldap_search(1, "", ldap_present("a")).substr(0, 20));
  EXPECT_EQ(c.violations.size(), 1u);
}

}  // namespace
}  // namespace sensor
