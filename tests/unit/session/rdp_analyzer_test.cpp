#include "src/session/rdp_analyzer.h"

#include <gtest/gtest.h>

#include "fake_context.h"
#include "rdp_messages.h"
#include "src/session/rdpeudp_analyzer.h"
#include "test_certificates.h"

namespace sensor {
namespace {

using namespace test;

struct Rdp : testing::Test {
  FakeContext c;
  RdpAnalyzer rdp;
  void client(const std::string& t) { rdp.on_data(c, Direction::Orig, as_bytes(t)); }
  void server(const std::string& t) { rdp.on_data(c, Direction::Resp, as_bytes(t)); }
  RowText row() {
    const auto rows = c.rows("rdp");
    return rows.size() == 1 ? rows[0] : RowText{};
  }
};

const std::string kInitial =
    rdp_connect_initial(rdp_client_core(0x0409, 7601, "PC", "55274", 2) + rdp_client_network({"rdpdr", "cliprdr", "12345678"}));

TEST_F(Rdp, OwnSecurity) {
  client(rdp_connect_request("alice"));
  server(rdp_connect_confirm(2, 0));
  client(kInitial);
  const auto leaf = test::from_hex(test::kLeafHex);
  server(rdp_connect_response(rdp_server_security(2, 3, rdp_x509_certificates({std::string(as_chars(leaf)), "no certificate"}))));
  EXPECT_EQ(c.confirmed, (std::vector<std::string>{"rdp"}));
  EXPECT_EQ(c.done_calls, 1);
  EXPECT_TRUE(c.started.empty());
  const RowText r = row();
  EXPECT_EQ(r.at("cookie"), "alice");
  EXPECT_EQ(r.at("result"), "Success");
  EXPECT_EQ(r.at("security_protocol"), "RDP");
  EXPECT_EQ(r.at("client_channels"), "rdpdr,cliprdr,12345678");
  EXPECT_EQ(r.at("keyboard_layout"), "English - United States");
  EXPECT_EQ(r.at("client_build"), "RDP 7.1");
  EXPECT_EQ(r.at("client_name"), "PC");
  EXPECT_EQ(r.at("client_dig_product_id"), "55274");
  EXPECT_EQ(r.at("desktop_width"), "1024");
  EXPECT_EQ(r.at("requested_color_depth"), "32bit");
  EXPECT_EQ(r.at("cert_type"), "X.509");
  EXPECT_EQ(r.at("cert_count"), "2");
  EXPECT_EQ(r.at("cert_permanent"), "F");
  EXPECT_EQ(r.at("encryption_level"), "High");
  EXPECT_EQ(r.at("encryption_method"), "128bit");
  ASSERT_EQ(c.rows("x509").size(), 1u);
  EXPECT_EQ(c.rows("x509")[0].at("host_cert"), "T");
}

TEST_F(Rdp, TlsFollows) {
  client(rdp_connect_request("alice"));
  server(rdp_connect_confirm(2, 1));
  EXPECT_EQ(c.started, (std::vector<ProtocolId>{ProtocolId::Tls}));
  EXPECT_EQ(c.done_calls, 1);
  EXPECT_TRUE(c.confirmed.empty());
  EXPECT_EQ(row().at("result"), "encrypted");
  EXPECT_EQ(row().at("security_protocol"), "SSL");
}

TEST_F(Rdp, Refused) {
  client(rdp_connect_request(""));
  server(rdp_connect_confirm(3, 5));
  EXPECT_TRUE(c.rows("rdp").empty());
  rdp.on_finish(c);
  EXPECT_EQ(row().at("cookie"), "(empty)");
  EXPECT_EQ(row().at("result"), "HYBRID_REQUIRED_BY_SERVER");
}

TEST_F(Rdp, WhatComesLaterIsNotWaitedFor) {
  client(rdp_connect_request("alice"));
  server(rdp_connect_confirm(2, 0));
  c.now_ns += RdpAnalyzer::kWatchNs;
  client(kInitial);
  EXPECT_EQ(row().at("keyboard_layout"), "-");
  EXPECT_EQ(c.confirmed, (std::vector<std::string>{"rdp"})) << "it is still read";
  EXPECT_EQ(c.done_calls, 0);
}
TEST_F(Rdp, TlsThatComesLate) {
  client(rdp_connect_request("alice"));
  c.now_ns += RdpAnalyzer::kWatchNs;
  server(rdp_connect_confirm(2, 1));
  EXPECT_EQ(row().at("security_protocol"), "-");
  EXPECT_EQ(c.started, std::vector{ProtocolId::Tls});
}

TEST_F(Rdp, AnyDivision) {
  const std::string all = rdp_connect_request("alice") + kInitial;
  for (size_t cut = 0; cut <= all.size(); cut++) {
    FakeContext context;
    RdpAnalyzer a;
    a.on_data(context, Direction::Orig, as_bytes(all).first(cut));
    a.on_data(context, Direction::Orig, as_bytes(all).subspan(cut));
    EXPECT_TRUE(context.violations.empty()) << cut;
    a.on_finish(context);
    EXPECT_EQ(context.rows("rdp").at(0).at("client_name"), "PC") << cut;
  }
}

TEST_F(Rdp, ViolationsAndGaps) {
  client(rdp_connect_request("alice") + std::string("\3\0\0\3", 4));
  EXPECT_EQ(c.violations.size(), 1u);
  EXPECT_EQ(row().at("cookie"), "alice");
  client("more");
  EXPECT_EQ(c.done_calls, 1);
  FakeContext other;
  RdpAnalyzer silent;
  silent.on_gap(other, Direction::Orig, 5);
  EXPECT_EQ(other.done_calls, 1);
  EXPECT_TRUE(other.rows("rdp").empty());
}

TEST_F(Rdp, TooManyChannels) {
  client(rdp_connect_request("alice") + rdp_connect_initial(rdp_client_network(std::vector<std::string>(32, "a"))));
  ASSERT_EQ(c.weirds.size(), 1u);
  EXPECT_EQ(c.weirds[0].name, "RDP_channels_requested_exceeds_max");
  EXPECT_EQ(c.weirds[0].addl, "32");
}

TEST(Rdpeudp, AnsweredSyn) {
  FakeContext c;
  RdpeudpAnalyzer a;
  const std::string syn = std::string(4, '\xff') + std::string("\0\x40\0\1", 4) + std::string(8, 'n');
  a.on_data(c, Direction::Orig, as_bytes(syn));
  a.on_data(c, Direction::Orig, as_bytes(syn));
  EXPECT_TRUE(c.confirmed.empty());
  a.on_data(c, Direction::Resp, as_bytes(std::string(4, '\1') + std::string("\0\x40\0\5", 4) + std::string(8, 'n')));
  EXPECT_EQ(c.confirmed, (std::vector<std::string>{"rdpeudp"}));
  EXPECT_EQ(c.done_calls, 1);
  RdpeudpAnalyzer b;
  b.on_data(c, Direction::Orig, as_bytes("short"));
  EXPECT_EQ(c.violations.size(), 1u);
}

}  // namespace
}  // namespace sensor
