#include "src/session/dtls_analyzer.h"

#include <gtest/gtest.h>

#include "fake_context.h"
#include "test_certificates.h"
#include "tls_messages.h"

namespace sensor {
namespace {

using test::ByteWriter;

class Dtls : public testing::Test {
 protected:
  Dtls() { c_.transport_protocol = Transport::Udp; }
  void from(Direction d, Bytes datagram) { analyzer_.on_data(c_, d, datagram); }
  void message(Direction d, unsigned type, Bytes body) {
    from(d, test::dtls_record(22, 0, sequence_++, test::dtls_fragment(type, message_sequence_++, body, 0, body.size())));
  }
  RowText row() {
    const auto rows = c_.rows("ssl");
    EXPECT_EQ(rows.size(), 1u);
    return rows.empty() ? RowText{} : rows[0];
  }

  uint64_t sequence_ = 0;
  unsigned message_sequence_ = 0;
  FakeContext c_;
  DtlsAnalyzer analyzer_;
};

TEST_F(Dtls, FullHandshakeWithFragments) {
  message(Direction::Orig, 1, test::client_hello_body(0xfefd, {}, {}));
  message(Direction::Resp, 3, ByteWriter().u16(0xfeff).u8(2).u16(7));
  message(Direction::Orig, 1, test::client_hello_body(0xfefd, {}, {}));
  message(Direction::Resp, 2, test::server_hello_body(0xfefd, {}, 0xc02b, {}));
  const auto leaf = test::from_hex(test::kLeafHex);
  const ByteWriter chain = test::certificate_body({leaf});
  const size_t half = chain.get().size() / 2;
  from(Direction::Resp, test::dtls_record(22, 0, 10, test::dtls_fragment(11, 3, chain, 0, half)));
  from(Direction::Resp, test::dtls_record(22, 0, 11, test::dtls_fragment(11, 3, chain, half, chain.get().size() - half)));
  for (const Direction d : {Direction::Orig, Direction::Resp}) {
    from(d, test::dtls_record(20, 0, 20, ByteWriter().u8(1)));
    from(d, test::dtls_record(22, 1, 0, ByteWriter().zeros(40)));
  }
  EXPECT_EQ(row().at("version"), "DTLSv12");
  EXPECT_EQ(row().at("ssl_history"), "CvCsxIi");
  EXPECT_EQ(row().at("established"), "T");
  EXPECT_EQ(row().at("cert_chain_fps"), test::kLeafFingerprint);
  EXPECT_EQ(c_.confirmed, std::vector<std::string>{"dtls"});
  EXPECT_EQ(c_.done_calls, 1);
}

TEST_F(Dtls, Version13HasNoChangeCipherSpec) {
  message(Direction::Orig, 1, test::client_hello_body(0xfefd, {}, {}));
  message(Direction::Resp, 2, test::server_hello_body(0xfefd, {}, 0x1301, test::extension(43, ByteWriter().u16(0xfefc))));
  from(Direction::Resp, ByteWriter().u8(0x2e).zeros(30));
  EXPECT_TRUE(c_.rows("ssl").empty());
  from(Direction::Orig, ByteWriter().u8(0x2e).zeros(30));
  EXPECT_EQ(row().at("version"), "DTLSv13");
  EXPECT_EQ(row().at("established"), "T");
}

TEST_F(Dtls, StunIsPassedOver) {
  from(Direction::Orig, ByteWriter().u16(1).u16(0).u32(0x2112a442).zeros(12).u8(0));
  EXPECT_TRUE(c_.violations.empty());
}

TEST_F(Dtls, ForeignDatagramsEndIt) {
  for (int i = 0; i < 10; i++) from(Direction::Orig, ByteWriter().u8(1).u16(0x1234).zeros(20));
  EXPECT_EQ(c_.done_calls, 0);
  from(Direction::Orig, ByteWriter().u8(1).u16(0x1234).zeros(20));
  EXPECT_EQ(c_.done_calls, 1);
  EXPECT_TRUE(c_.rows("ssl").empty());
}

TEST_F(Dtls, EveryPrefixOfAHello) {
  const ByteWriter body = test::client_hello_body(0xfefd, {}, test::server_name_extension("example.com"));
  const ByteWriter whole = test::dtls_record(22, 0, 0, test::dtls_fragment(1, 0, body, 0, body.get().size()));
  for (size_t n = 1; n < whole.get().size(); n++) {
    FakeContext c;
    DtlsAnalyzer a;
    const std::vector<uint8_t> exact(whole.get().begin(), whole.get().begin() + static_cast<std::ptrdiff_t>(n));
    a.on_data(c, Direction::Orig, exact);
    a.on_finish(c);
    EXPECT_EQ(c.violations.size(), 1u) << n;
    EXPECT_TRUE(c.rows("ssl").empty()) << n;
  }
}

TEST(DtlsProbe, NeedsAHello) {
  const ByteWriter body = test::client_hello_body(0xfefd, {}, {});
  const ByteWriter hello = test::dtls_record(22, 0, 0, test::dtls_fragment(1, 0, body, 0, body.get().size()));
  EXPECT_EQ(probe_dtls({.orig = hello, .resp = {}}), Probe::Certain);
  EXPECT_EQ(probe_dtls({.orig = {}, .resp = hello}), Probe::Certain);
  EXPECT_EQ(probe_dtls({.orig = as_bytes("nothing"), .resp = {}}), Probe::NotForUs);
}

}  // namespace
}  // namespace sensor
