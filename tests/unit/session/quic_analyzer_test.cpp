#include "src/session/quic_analyzer.h"

#include <gtest/gtest.h>

#include "fake_context.h"
#include "quic_packets.h"

namespace sensor {
namespace {

using test::ByteWriter;

constexpr auto kClient = Direction::Orig;
constexpr auto kServer = Direction::Resp;

class Quic : public testing::Test {
 protected:
  Quic() {
    c_.transport_protocol = Transport::Udp;
    ByteWriter extensions;
    extensions.bytes(test::server_name_extension("example.com")).bytes(test::alpn_extension({"h3", "h3-29"}));
    client_hello_ = test::handshake_message(1, test::client_hello_body(0x0303, {}, extensions)).get();
    server_hello_ =
        test::handshake_message(2, test::server_hello_body(0x0303, {}, 0x1301, test::extension(43, ByteWriter().u16(0x0304)))).get();
  }

  void from(Direction d, Bytes datagram) { analyzer_.on_data(c_, d, datagram); }
  std::vector<uint8_t> client_initial(Bytes frames, const std::vector<uint8_t>& id = std::vector<uint8_t>(8, 0xaa)) {
    return test::initial_packet({.destination = id, .source = {0xc1}, .key_id = id, .token = {}}, frames);
  }
  std::vector<uint8_t> server_initial(Bytes frames) {
    return test::initial_packet(
        {.from_client = false, .destination = {0xc1}, .source = {0x51, 0x52}, .key_id = std::vector<uint8_t>(8, 0xaa), .token = {}},
        frames);
  }
  std::vector<uint8_t> handshake_packet(Bytes source) {
    return test::long_header(0xe0, 1, ByteWriter().u8(0xc1), source).bytes(test::varint(30)).zeros(30).get();
  }

  std::vector<uint8_t> client_hello_, server_hello_;
  FakeContext c_;
  QuicAnalyzer analyzer_;
};

TEST_F(Quic, Handshake) {
  from(kClient, client_initial(test::crypto_frame(0, client_hello_)));
  from(kServer, server_initial(test::crypto_frame(0, server_hello_)));
  from(kServer, handshake_packet(ByteWriter().u8(0x51).u8(0x52)));
  from(kClient, ByteWriter().u8(0x40).zeros(20));
  EXPECT_TRUE(c_.rows("quic").empty());
  analyzer_.on_finish(c_);

  const auto rows = c_.rows("quic");
  EXPECT_EQ(rows.at(0).at("ja4").substr(0, 1), "q");
  EXPECT_EQ(rows.at(0).at("ja3"), c_.rows("ssl").at(0).at("ja3"));
  EXPECT_EQ(rows.at(0).at("ja3s"), c_.rows("ssl").at(0).at("ja3s"));
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].at("version"), "1");
  EXPECT_EQ(rows[0].at("client_initial_dcid"), "aaaaaaaaaaaaaaaa");
  EXPECT_EQ(rows[0].at("client_scid"), "c1");
  EXPECT_EQ(rows[0].at("server_scid"), "5152");
  EXPECT_EQ(rows[0].at("server_name"), "example.com");
  EXPECT_EQ(rows[0].at("client_protocol"), "h3");
  EXPECT_EQ(rows[0].at("history"), "ISish");
  const auto ssl = c_.rows("ssl");
  ASSERT_EQ(ssl.size(), 1u);
  EXPECT_EQ(ssl[0].at("version"), "TLSv13");
  EXPECT_EQ(ssl[0].at("ssl_history"), "Cs");
  EXPECT_EQ(ssl[0].at("established"), "F");
  EXPECT_EQ(c_.confirmed, (std::vector<std::string>{"quic", "ssl"}));
  EXPECT_EQ(c_.hostnames, std::vector<std::string>{"example.com"});
  EXPECT_TRUE(c_.violations.empty());
}

TEST_F(Quic, HelloInPiecesOverTwoPackets) {
  const Bytes hello = client_hello_;
  ByteWriter first, second;
  first.bytes(test::crypto_frame(50, hello.subspan(50))).bytes(test::crypto_frame(3, hello.subspan(3, 20)));
  second.u8(1).zeros(4).bytes(test::crypto_frame(0, hello.first(3))).bytes(test::crypto_frame(23, hello.subspan(23, 27)));
  from(kClient, client_initial(first));
  EXPECT_TRUE(c_.hostnames.empty());
  from(kClient, client_initial(second));
  analyzer_.on_finish(c_);
  EXPECT_EQ(c_.rows("quic").at(0).at("history"), "IIS");
  EXPECT_EQ(c_.rows("quic").at(0).at("server_name"), "example.com");
}

TEST_F(Quic, RetryBeginsAnotherRow) {
  const std::vector<uint8_t> other_id(9, 0xbb);
  from(kClient, client_initial(test::crypto_frame(0, client_hello_)));
  from(kServer, test::long_header(0xf0, 1, ByteWriter().u8(0xc1), ByteWriter().u8(0x51)).zeros(40));
  from(kClient, client_initial(test::crypto_frame(0, client_hello_), other_id));
  analyzer_.on_finish(c_);
  const auto rows = c_.rows("quic");
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0].at("history"), "ISr");
  EXPECT_EQ(rows[1].at("history"), "IS");
  EXPECT_EQ(rows[1].at("client_initial_dcid"), "bbbbbbbbbbbbbbbbbb");
  EXPECT_EQ(c_.rows("ssl").at(0).at("ssl_history"), "CC") << "one row of ssl.log for the connection";
}

TEST_F(Quic, UnknownVersionEndsIt) {
  from(kClient, test::long_header(0xc0, 0x51303530, ByteWriter().zeros(8, 0xdd), {}).zeros(100));
  const auto rows = c_.rows("quic");
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].at("version"), "unknown-51303530");
  EXPECT_EQ(rows[0].at("client_scid"), "(empty)");
  EXPECT_EQ(rows[0].at("server_scid"), "-");
  EXPECT_EQ(rows[0].at("history"), "U");
  EXPECT_TRUE(c_.confirmed.empty());
  EXPECT_EQ(c_.violations.size(), 1u);
  EXPECT_EQ(c_.done_calls, 1);
}

TEST_F(Quic, ConnectionCloseEndsTheRow) {
  from(kClient, client_initial(test::crypto_frame(0, client_hello_)));
  from(kServer, server_initial(ByteWriter().u8(0x1c).u8(1).u8(0).u8(0)));
  from(kServer, handshake_packet({}));
  analyzer_.on_finish(c_);
  const auto rows = c_.rows("quic");
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0].at("history"), "ISic");
  EXPECT_EQ(rows[1].at("history"), "h");
  EXPECT_EQ(rows[1].at("client_initial_dcid"), "-");
}

TEST_F(Quic, WrongKeysAreAViolation) {
  from(kClient,
       test::initial_packet({.destination = std::vector<uint8_t>(8, 1), .source = {}, .key_id = {9}, .token = {}}, ByteWriter().zeros(40)));
  EXPECT_EQ(c_.violations.size(), 1u);
  EXPECT_TRUE(c_.confirmed.empty());
  EXPECT_EQ(c_.rows("quic").at(0).at("history"), "I");
}

TEST_F(Quic, ServerWithoutClientIsCounted) {
  from(kServer, server_initial(test::crypto_frame(0, server_hello_)));
  analyzer_.on_finish(c_);
  EXPECT_TRUE(c_.violations.empty());
  EXPECT_EQ(c_.rows("quic").at(0).at("history"), "i");
  EXPECT_TRUE(c_.rows("ssl").empty());
}

TEST_F(Quic, OtherProtocolOnTheSamePort) {
  from(kClient, as_bytes("M-SEARCH * HTTP/1.1"));
  analyzer_.on_finish(c_);
  EXPECT_TRUE(c_.rows("quic").empty());
}

TEST_F(Quic, EveryPrefixOfADatagram) {
  const auto whole = client_initial(test::crypto_frame(0, client_hello_));
  for (size_t n = 1; n < whole.size(); n++) {
    FakeContext c;
    QuicAnalyzer a;
    const std::vector<uint8_t> exact(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(n));
    a.on_data(c, kClient, exact);
    EXPECT_EQ(c.violations.size(), 1u) << n;
    EXPECT_TRUE(c.rows("ssl").empty()) << n;
  }
}

}  // namespace
}  // namespace sensor
