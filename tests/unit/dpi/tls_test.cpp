#include <gtest/gtest.h>

#include "dpi/tls/dtls.h"
#include "dpi/tls/handshake.h"
#include "dpi/tls/names.h"
#include "dpi/tls/record.h"
#include "tls_messages.h"

namespace sensor::tls {
namespace {

using test::ByteWriter;

/// Every prefix of a message but the whole must be refused, or read as a shorter message that is legal.
template <class Parse>
size_t accepted_prefixes(Bytes whole, Parse parse) {
  size_t accepted = 0;
  for (size_t n = 0; n < whole.size(); n++) {
    const std::vector<uint8_t> exact(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(n));
    if (parse(Bytes(exact))) accepted++;
  }
  return accepted;
}

TEST(TlsNames, KnownAndUnknown) {
  EXPECT_EQ(version_name(0x0303), "TLSv12");
  EXPECT_EQ(version_name(0xfefd), "DTLSv12");
  EXPECT_EQ(version_name(0x7f1c), "TLSv13-draft28");
  EXPECT_EQ(version_name(0x7e01), "unknown-32257");
  EXPECT_EQ(cipher_name(0x1301), "TLS_AES_128_GCM_SHA256");
  EXPECT_EQ(cipher_name(0x010080), "SSLv20_CK_RC4_128_WITH_MD5");
  EXPECT_EQ(cipher_name(0x99aa), "unknown-39338");
  EXPECT_EQ(curve_name(29), "x25519");
  EXPECT_EQ(curve_name(0), "unknown-0");
  EXPECT_EQ(alert_name(48), "unknown_ca");
  EXPECT_EQ(key_exchange(0xc02f), KeyExchange::Ecdhe);
  EXPECT_EQ(key_exchange(0x002f), KeyExchange::Other);
  EXPECT_EQ(key_exchange(0x0033), KeyExchange::Dhe);
}

TEST(TlsClientHello, ReadsWhatLogsNeed) {
  ByteWriter ext;
  ext.bytes(test::server_name_extension("example.com")).bytes(test::alpn_extension({"h2", "http/1.1"}));
  ext.bytes(test::extension(35, ByteWriter().zeros(8))).bytes(test::extension(0xfafa, {}));
  const ByteWriter body = test::client_hello_body(0x0303, ByteWriter().zeros(16, 9), ext);
  ClientHello hello;
  ASSERT_TRUE(parse_client_hello(body, hello));
  EXPECT_EQ(hello.version, 0x0303);
  EXPECT_EQ(hello.session_id[15], 9);
  EXPECT_EQ(hello.session_id[16], 0) << "short ids are padded";
  ASSERT_TRUE(hello.extensions.server_names);
  EXPECT_EQ(hello.extensions.server_names->at(0), "example.com");
  EXPECT_EQ(hello.extensions.alpn->at(1), "http/1.1");
  EXPECT_TRUE(hello.extensions.session_ticket);
  EXPECT_EQ(hello.extensions.count, 4u);
}

TEST(TlsClientHello, EveryPrefix) {
  const ByteWriter body = test::client_hello_body(0x0303, ByteWriter().zeros(32, 9), test::server_name_extension("example.com"));
  const auto parse = [](Bytes b) {
    ClientHello hello;
    return parse_client_hello(b, hello);
  };
  EXPECT_TRUE(parse(body));
  // Two are legal: the hello without extensions, and the one with an empty list of them.
  EXPECT_EQ(accepted_prefixes(body, parse), 2u);
}

TEST(TlsClientHello, KeepsWhatStoodBeforeTheDamage) {
  ByteWriter ext;
  ext.bytes(test::server_name_extension("example.com")).u16(16).u16(100).u8(0);
  ClientHello hello;
  EXPECT_FALSE(parse_client_hello(test::client_hello_body(0x0303, {}, ext), hello));
  ASSERT_TRUE(hello.extensions.server_names);
  EXPECT_EQ(hello.extensions.count, 1u);
}

TEST(TlsClientHello, OddExtensions) {
  ClientHello unknown_type;
  const ByteWriter name = test::extension(0, ByteWriter().counted(2, ByteWriter().u8(7).text("xyz")));
  ASSERT_TRUE(parse_client_hello(test::client_hello_body(0x0303, {}, name), unknown_type));
  EXPECT_TRUE(unknown_type.extensions.server_names->empty());
  EXPECT_EQ(unknown_type.extensions.unknown_server_name_type, 7);

  ClientHello list_too_long;
  EXPECT_FALSE(
      parse_client_hello(test::client_hello_body(0x0303, {}, test::extension(16, ByteWriter().u16(9).u8(2).text("h2"))), list_too_long));
  ClientHello odd_algorithms;
  EXPECT_FALSE(parse_client_hello(test::client_hello_body(0x0303, {}, test::extension(13, ByteWriter().counted(2, ByteWriter().zeros(3)))),
                                  odd_algorithms));
}

TEST(TlsServerHello, Version13) {
  ByteWriter ext;
  ext.bytes(test::extension(43, ByteWriter().u16(0x0304)));
  ext.bytes(test::extension(51, ByteWriter().u16(29).counted(2, ByteWriter().zeros(32))));
  ServerHello hello;
  ASSERT_TRUE(parse_server_hello(test::server_hello_body(0x0303, ByteWriter().zeros(32), 0x1301, ext), hello));
  EXPECT_EQ(hello.extensions.selected_version, 0x0304);
  EXPECT_EQ(hello.extensions.selected_group, 29);
  EXPECT_EQ(hello.cipher_suite, 0x1301);
  EXPECT_FALSE(hello.hello_retry_request);
}

TEST(TlsServerHello, DraftsHaveNoSessionId) {
  ServerHello hello;
  ASSERT_TRUE(parse_server_hello(ByteWriter().u16(0x7f12).zeros(32).u16(0x1302), hello));
  EXPECT_EQ(hello.cipher_suite, 0x1302);
}

TEST(TlsServerHello, EveryPrefix) {
  const ByteWriter body = test::server_hello_body(0x0303, ByteWriter().zeros(32), 0xc02f, test::alpn_extension({"h2"}));
  const auto parse = [](Bytes b) {
    ServerHello hello;
    return parse_server_hello(b, hello);
  };
  EXPECT_TRUE(parse(body));
  EXPECT_EQ(accepted_prefixes(body, parse), 2u);
}

TEST(TlsCertificateChain, ListsAndPrefixes) {
  const std::vector<uint8_t> one(5, 1), two(7, 2);
  const ByteWriter body = test::certificate_body({one, Bytes{}, two});
  std::vector<Bytes> chain;
  ASSERT_TRUE(parse_certificate_chain(body, chain));
  ASSERT_EQ(chain.size(), 3u);
  EXPECT_EQ(chain[0].size(), 5u);
  EXPECT_TRUE(chain[1].empty());
  EXPECT_EQ(chain[2].back(), 2);
  EXPECT_EQ(accepted_prefixes(body,
                              [](Bytes b) {
                                std::vector<Bytes> out;
                                return parse_certificate_chain(b, out);
                              }),
            0u);
}

TEST(TlsServerKeyExchange, NamedCurve) {
  const ByteWriter body = test::ecdhe_body(23);
  std::optional<uint16_t> curve;
  ASSERT_TRUE(parse_server_key_exchange(body, KeyExchange::Ecdhe, true, curve));
  EXPECT_EQ(curve, 23);
  EXPECT_EQ(accepted_prefixes(body,
                              [](Bytes b) {
                                std::optional<uint16_t> out;
                                return parse_server_key_exchange(b, KeyExchange::Ecdhe, true, out) || out;
                              }),
            0u);
  std::optional<uint16_t> explicit_curve;
  EXPECT_TRUE(parse_server_key_exchange(ByteWriter().u8(1).zeros(9), KeyExchange::Ecdhe, true, explicit_curve));
  EXPECT_FALSE(explicit_curve);
}

TEST(TlsServerKeyExchange, DiffieHellman) {
  ByteWriter params;
  for (int i = 0; i < 3; i++) params.counted(2, ByteWriter().zeros(16));
  std::optional<uint16_t> curve;
  EXPECT_TRUE(parse_server_key_exchange(params, KeyExchange::DhAnon, true, curve));
  EXPECT_FALSE(parse_server_key_exchange(params, KeyExchange::Dhe, true, curve)) << "the signature is missing";
  params.counted(2, ByteWriter().zeros(20));
  EXPECT_TRUE(parse_server_key_exchange(params, KeyExchange::Dhe, false, curve));
}

TEST(TlsCertificateRequest, EveryPrefix) {
  ByteWriter body;
  body.counted(1, ByteWriter().u8(1).u8(64))
      .counted(2, ByteWriter().u16(0x0401))
      .counted(2, ByteWriter().counted(2, ByteWriter().zeros(9)));
  EXPECT_TRUE(check_certificate_request(body, true));
  EXPECT_EQ(accepted_prefixes(body, [](Bytes b) { return check_certificate_request(b, true); }), 0u);
}

TEST(TlsRecordLayer, FirstRecordSetsTheVersion) {
  RecordLayer layer;
  RecordHeader h;
  ASSERT_EQ(layer.read_header(ByteWriter().u8(22).u16(0x0301).u16(512), true, h), RecordLayer::Verdict::Ok);
  EXPECT_EQ(h.length, 512);
  EXPECT_EQ(h.content_type, content::kHandshake);
  EXPECT_EQ(layer.read_header(ByteWriter().u8(99).u16(0x0303).u16(5), false, h), RecordLayer::Verdict::Ok)
      << "later ones may be of any type";
  EXPECT_EQ(layer.read_header(ByteWriter().u8(22).u16(0x0304).u16(5), false, h), RecordLayer::Verdict::BadVersion);
}

TEST(TlsRecordLayer, RefusesOtherProtocols) {
  RecordHeader h;
  EXPECT_EQ(RecordLayer().read_header(as_bytes("GET /"), true, h), RecordLayer::Verdict::BadVersion);
  EXPECT_EQ(RecordLayer().read_header(ByteWriter().u8(31).u16(0x0303).u16(5), true, h), RecordLayer::Verdict::NotTls);
  EXPECT_EQ(RecordLayer().read_header(ByteWriter().u8(0x80).u8(60).u8(9).u16(0x0002), true, h), RecordLayer::Verdict::NotTls);
  EXPECT_EQ(RecordLayer().read_header(ByteWriter().u8(0x80).u8(2).u8(1).u16(0x0002), true, h), RecordLayer::Verdict::NotTls)
      << "shorter than its header";
}

TEST(TlsRecordLayer, SslTwo) {
  RecordLayer layer;
  RecordHeader h;
  ASSERT_EQ(layer.read_header(ByteWriter().u8(0x80).u8(46).u8(1).u16(0x0301), true, h), RecordLayer::Verdict::Ok);
  EXPECT_TRUE(h.ssl2);
  EXPECT_EQ(h.content_type, content::kV2ClientHello);
  EXPECT_EQ(h.length, 43);
  ASSERT_EQ(layer.read_header(ByteWriter().u8(22).u16(0x0301).u16(9), false, h), RecordLayer::Verdict::Ok) << "the answer may be TLS";
  EXPECT_FALSE(h.ssl2);
}

TEST(TlsProbe, ClientAndServer) {
  const ByteWriter client = test::handshake_record(1, test::client_hello_body(0x0303, {}, {}), 0x0301);
  EXPECT_EQ(match_client(client), Match::Yes);
  for (size_t n = 0; n < 11; n++) EXPECT_EQ(match_client(Bytes(client).first(n)), Match::Partly) << n;
  EXPECT_EQ(match_client(as_bytes("SSH-2.0")), Match::No);
  const ByteWriter server = test::handshake_record(2, test::server_hello_body(0x0303, {}, 0xc02f, {}));
  EXPECT_EQ(match_server(server), Match::Yes);
  EXPECT_EQ(match_client(server), Match::No);
  ByteWriter after_alert;
  after_alert.bytes(test::tls_record(21, ByteWriter().u8(1).u8(112))).bytes(server);
  EXPECT_EQ(match_server(after_alert), Match::Yes);
  EXPECT_EQ(match_server(ByteWriter().u8(21).u16(0x0303)), Match::Partly);
  EXPECT_EQ(match_server(as_bytes("220 mail.example.com")), Match::No);
}

TEST(Dtls, Probe) {
  const ByteWriter body = test::client_hello_body(0xfefd, {}, {});
  const ByteWriter hello = test::dtls_record(22, 0, 0, test::dtls_fragment(1, 0, body, 0, body.get().size()), 0xfeff);
  EXPECT_EQ(match_dtls_client(hello), Match::Yes);
  EXPECT_EQ(match_dtls_client(test::dtls_record(22, 1, 0, test::dtls_fragment(1, 0, body, 0, body.get().size()))), Match::No)
      << "encrypted";
  for (size_t n = 0; n < 27; n++) EXPECT_EQ(match_dtls_client(Bytes(hello).first(n)), Match::No) << n;
}

class Fragments : public testing::Test {
 protected:
  DtlsFragment piece(size_t offset, size_t length, unsigned sequence = 3) {
    bytes_ = test::dtls_fragment(11, sequence, message_, offset, length).get();
    DtlsFragment f;
    EXPECT_TRUE(parse_dtls_fragment(bytes_, f));
    return f;
  }

  std::vector<uint8_t> message_ = [] {
    std::vector<uint8_t> m(100);
    for (size_t i = 0; i < m.size(); i++) m[i] = static_cast<uint8_t>(i);
    return m;
  }();
  std::vector<uint8_t> bytes_;
  DtlsReassembly reassembly_;
};

TEST_F(Fragments, AnyOrder) {
  EXPECT_EQ(reassembly_.add(piece(80, 20), 12), DtlsReassembly::Verdict::NeedMore);
  EXPECT_EQ(reassembly_.add(piece(40, 40), 11), DtlsReassembly::Verdict::NeedMore);
  EXPECT_EQ(reassembly_.add(piece(40, 40), 11), DtlsReassembly::Verdict::NeedMore);
  ASSERT_EQ(reassembly_.add(piece(0, 40), 10), DtlsReassembly::Verdict::Complete);
  EXPECT_TRUE(std::ranges::equal(reassembly_.message(), message_));
}

TEST_F(Fragments, AnotherMessageStartsAnew) {
  EXPECT_EQ(reassembly_.add(piece(0, 40), 10), DtlsReassembly::Verdict::NeedMore);
  EXPECT_EQ(reassembly_.add(piece(0, 50, 4), 20), DtlsReassembly::Verdict::NeedMore);
  EXPECT_EQ(reassembly_.add(piece(50, 50, 4), 21), DtlsReassembly::Verdict::Complete);
}

TEST_F(Fragments, Contradictions) {
  EXPECT_EQ(reassembly_.add(piece(0, 40), 10), DtlsReassembly::Verdict::NeedMore);
  EXPECT_EQ(reassembly_.add(piece(40, 20), 9), DtlsReassembly::Verdict::Malformed) << "a record before the first";
  EXPECT_EQ(reassembly_.add(piece(40, 20), 42), DtlsReassembly::Verdict::Malformed) << "outside the window";
  DtlsFragment past_the_end = piece(90, 10);
  past_the_end.offset = 95;
  EXPECT_EQ(reassembly_.add(past_the_end, 12), DtlsReassembly::Verdict::Malformed);
  DtlsFragment huge = piece(0, 10);
  huge.message_length = 0xffffff;
  EXPECT_EQ(reassembly_.add(huge, 13), DtlsReassembly::Verdict::Malformed);
}

}  // namespace
}  // namespace sensor::tls
