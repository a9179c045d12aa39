#include "src/session/sip_analyzer.h"

#include <gtest/gtest.h>

#include "fake_context.h"

namespace sensor {
namespace {

struct Sip : testing::Test {
  Sip() { c.transport_protocol = Transport::Udp; }
  FakeContext c;
  SipAnalyzer sip;
  void client(std::string_view m) { sip.on_data(c, Direction::Orig, as_bytes(m)); }
  void server(std::string_view m) { sip.on_data(c, Direction::Resp, as_bytes(m)); }
  void request(const std::string& method, const std::string& fields = {}) { client(method + " sip:alice@b SIP/2.0\r\n" + fields + "\r\n"); }
  void response(const std::string& status, const std::string& fields = {}) { server("SIP/2.0 " + status + "\r\n" + fields + "\r\n"); }
  /// "method status" of each row.
  std::vector<std::string> rows() {
    std::vector<std::string> out;
    for (const RowText& r : c.rows("sip")) out.push_back(r.at("method") + " " + r.at("status_code"));
    return out;
  }
};
using Rows = std::vector<std::string>;

TEST_F(Sip, RequestAndResponse) {
  request("INVITE",
          "Via: SIP/2.0/UDP a;branch=1\r\nv: SIP/2.0/UDP b; branch=2\r\nFROM: <sip:bob>;tag=1\r\nt: <sip:alice>;tag=2\r\nCall-ID: 1@b\r\n"
          "CSeq: 1 INVITE\r\nDate: today\r\nReply-To: x\r\ns: hello\r\nUser-Agent: phone\r\nContent-Type: a/b\r\nContent-Length: 0\r\n");
  EXPECT_TRUE(c.confirmed.empty());
  EXPECT_TRUE(rows().empty());
  response("486 Busy Here",
           "Via: SIP/2.0/UDP a;branch=1\r\nf: <sip:bob>\r\nTo: <sip:alice>\r\nWarning: 300 w\r\nc: c/d\r\nl: 0\r\nDate: never\r\n");
  EXPECT_EQ(c.confirmed, std::vector<std::string>{"sip"});
  ASSERT_EQ(c.rows("sip").size(), 1u);
  const RowText r = c.rows("sip")[0];
  const std::vector<std::pair<std::string, std::string>> expected{{"trans_depth", "0"},
                                                                  {"method", "INVITE"},
                                                                  {"uri", "sip:alice@b"},
                                                                  {"date", "today"},
                                                                  {"request_from", "<sip:bob>"},
                                                                  {"request_to", "<sip:alice>;tag=2"},
                                                                  {"response_from", "<sip:bob>"},
                                                                  {"response_to", "<sip:alice>"},
                                                                  {"reply_to", "x"},
                                                                  {"call_id", "1@b"},
                                                                  {"seq", "1 INVITE"},
                                                                  {"subject", "hello"},
                                                                  {"request_path", "SIP/2.0/UDP a,SIP/2.0/UDP b"},
                                                                  {"response_path", "SIP/2.0/UDP a"},
                                                                  {"user_agent", "phone"},
                                                                  {"status_code", "486"},
                                                                  {"status_msg", "Busy Here"},
                                                                  {"warning", "300 w"},
                                                                  {"request_body_len", "0"},
                                                                  {"response_body_len", "0"},
                                                                  {"content_type", "c/d"}};
  for (const auto& [column, value] : expected) EXPECT_EQ(r.at(column), value) << column;
  EXPECT_TRUE(sip.at_rest());
}

TEST_F(Sip, ARowForEachResponse) {
  request("INVITE");
  response("100 Trying");
  response("200 OK");
  request("ACK");
  request("BYE");  // goes on with the row of ACK
  response("200 OK");
  response("200 OK");  // to what was not seen
  EXPECT_EQ(rows(), (Rows{"INVITE 100", "INVITE 200", "BYE 200", "- 200"}));
  EXPECT_TRUE(sip.at_rest());
}

TEST_F(Sip, WhatHasNoFinalResponseIsWrittenAtTheEnd) {
  request("INVITE");
  response("180 Ringing");
  sip.on_finish(c);
  sip.on_finish(c);
  EXPECT_EQ(rows(), (Rows{"INVITE 180", "INVITE 180"}));
  EXPECT_EQ(c.rows("sip")[0].at("request_path"), "(empty)");
}

TEST_F(Sip, EitherSideMayAsk) {
  server("OPTIONS sip:a SIP/2.0\r\n\r\n");
  client("SIP/2.0 200 OK\r\n\r\n");
  EXPECT_EQ(rows(), Rows{"OPTIONS 200"});
}

TEST_F(Sip, BodiesThatAreCutShortEndNothing) {
  request("INVITE");
  server("SIP/2.0 200 OK\r\nContent-Length: 10\r\n\r\nbody");
  EXPECT_TRUE(rows().empty());
}

TEST_F(Sip, UnknownMethodsAreWeird) {
  request("PUBLISH");
  ASSERT_EQ(c.weirds.size(), 1u);
  EXPECT_EQ(c.weirds[0].name, "unknown_SIP_method");
  EXPECT_EQ(c.weirds[0].addl, "PUBLISH");
  EXPECT_EQ(c.weirds[0].source, "");
}

TEST_F(Sip, JunkBeforeARequest) {
  client(std::string_view("\0\0", 2));
  client("hello");
  client("\r\n");
  client("\r\n\r\n");
  EXPECT_TRUE(c.weirds.empty());
  client("<>ACK sip:a SIP/2.0\r\n\r\n");
  ASSERT_EQ(c.weirds.size(), 1u);
  EXPECT_EQ(c.weirds[0].name, "sip_junk_before_request");
  EXPECT_EQ(c.weirds[0].addl, "\\x00\\x00hello<>");
  EXPECT_EQ(c.weirds[0].source, "SIP");
  request("ACK");
  EXPECT_EQ(c.weirds.size(), 1u);
  EXPECT_TRUE(c.violations.empty());
}

TEST_F(Sip, Limits) {
  std::string fields;
  for (size_t i = 0; i < SipAnalyzer::kMaxPath + 1; i++) fields += "Via: " + std::string(1000, 'v') + "\r\n";
  for (const char* name : {"From", "To", "Call-ID", "CSeq", "Date", "Reply-To", "Subject", "User-Agent", "Warning", "Content-Type"})
    fields += std::string(name) + ": " + std::string(5000, 'x') + "\r\n";
  request("INVITE", fields);
  response("200 " + std::string(5000, 'r'), fields);
  ASSERT_EQ(c.weirds.size(), 2u);
  EXPECT_EQ(c.weirds[0].name, "sip_max_request_path_length_exceeded");
  EXPECT_EQ(c.weirds[1].name, "sip_max_response_path_length_exceeded");
  EXPECT_EQ(rows().size(), 1u);
  EXPECT_EQ(c.catcher.writer().records_too_large(), 0u);
  for (int i = 0; i < 100; i++) client(std::string(1000, 'j'));
  request("ACK");
  EXPECT_EQ(c.weirds.back().addl.size(), SipAnalyzer::kMaxJunk);
}

TEST_F(Sip, Malformed) {
  client("INVITE sip:a\r\n");
  EXPECT_EQ(c.violations.size(), 1u);
  sip.on_finish(c);
  EXPECT_TRUE(rows().empty());
  request("INVITE", "no colon\r\n");
  EXPECT_EQ(c.violations.size(), 2u);
  sip.on_finish(c);
  EXPECT_EQ(rows(), Rows{"INVITE -"});
}

TEST(SipProbe, Messages) {
  EXPECT_EQ(probe_sip({as_bytes("INVITE sip:a SIP/2.0\r\n\r\n"), {}}), Probe::Certain);
  EXPECT_EQ(probe_sip({{}, as_bytes("SIP/2.0 200 OK\r\n\r\n")}), Probe::Certain);
  EXPECT_EQ(probe_sip({as_bytes("hello\r\n"), {}}), Probe::NotForUs);
}

}  // namespace
}  // namespace sensor
