#include "src/session/dnp3_analyzer.h"

#include <gtest/gtest.h>

#include "dnp3_frames.h"
#include "fake_context.h"

namespace sensor {
namespace {

using namespace test;
using Rows = std::vector<std::string>;

struct Dnp3Session : testing::Test {
  FakeContext c;
  Dnp3Analyzer dnp3;
  void client(const std::string& t) { dnp3.on_data(c, Direction::Orig, as_bytes(t)); }
  void server(const std::string& t) { dnp3.on_data(c, Direction::Resp, as_bytes(t)); }
  Rows rows() {
    Rows out;
    for (const RowText& r : c.rows("dnp3")) out.push_back(r.at("fc_request") + " " + r.at("fc_reply") + " " + r.at("iin"));
    return out;
  }
};

TEST_F(Dnp3Session, RequestsWithResponses) {
  client(dnp3_request(1));
  EXPECT_EQ(c.confirmed, (std::vector<std::string>{"dnp3_tcp"}));
  c.now_ns += kSecond;
  server(dnp3_response(0x81, '\x10'));
  server(dnp3_response(0x82));
  client(dnp3_request(0));
  dnp3.on_finish(c);
  EXPECT_EQ(rows(), (Rows{"READ RESPONSE 4096", "- UNSOLICITED_RESPONSE 0", "CONFIRM - -"}));
  EXPECT_EQ(c.rows("dnp3").at(0).at("ts"), "1000001.000000");
}

TEST_F(Dnp3Session, OverUdp) {
  c.transport_protocol = Transport::Udp;
  client(dnp3_request(1));
  EXPECT_EQ(c.confirmed, (std::vector<std::string>{"dnp3_udp"}));
  client("garbage, no frame");
  ASSERT_EQ(c.weirds.size(), 1u);
  EXPECT_EQ(c.weirds[0].name + c.weirds[0].source, "dnp3_header_lacks_magicDNP3_UDP");
}

TEST_F(Dnp3Session, Problems) {
  const auto weird_of = [](const std::string& stream, bool from_client = true) {
    FakeContext context;
    Dnp3Analyzer a;
    a.on_data(context, from_client ? Direction::Orig : Direction::Resp, as_bytes(stream));
    return (context.weirds.empty() ? "" : context.weirds[0].name) + (context.violations.empty() ? "" : " violation");
  };
  std::string header = dnp3_request(1), block = header;
  header[9] ^= 1;
  block.back() ^= 1;
  EXPECT_EQ(weird_of(header), "dnp3_corrupt_header_checksum violation");
  EXPECT_EQ(weird_of(block), "dnp3_corrupt_app_chunk_checksum");
  EXPECT_EQ(weird_of(dnp3_with_checksum({'\x05', '\x64', '\0', '\xc4', '\4', '\0', '\3', '\0'})),
            "dnp3_negative_or_zero_length_link_layer");
  EXPECT_EQ(weird_of(dnp3_frame(0xc4, "\x80\xc0\x01")), "dnp3_first_application_layer_chunk_missing");
  EXPECT_EQ(weird_of(dnp3_response(0x81)), "dnp3_unexpected_flow_direction");
  EXPECT_EQ(weird_of(dnp3_frame(0x44, "\xc0\xc0\x81"), false), " violation");
}

}  // namespace
}  // namespace sensor
