#include "src/session/tls_analyzer.h"

#include <gtest/gtest.h>

#include "fake_context.h"
#include "sensor/session/file_analysis.h"
#include "src/session/ftp_analyzer.h"
#include "test_certificates.h"
#include "tls_messages.h"

namespace sensor {
namespace {

using test::ByteWriter;

using Words = std::vector<std::string>;

constexpr auto kClient = Direction::Orig;
constexpr auto kServer = Direction::Resp;

class Tls : public testing::Test {
 protected:
  void from(Direction d, Bytes bytes) { analyzer_.on_data(c_, d, bytes); }
  void handshake(Direction d, unsigned type, Bytes body) { from(d, test::handshake_record(type, body)); }
  void client_hello(Bytes session_id = {}, Bytes extensions = {}) {
    handshake(kClient, 1, test::client_hello_body(0x0303, session_id, extensions));
  }
  void server_hello(Bytes session_id = {}, Bytes extensions = {}, unsigned cipher = 0xc02f, unsigned version = 0x0303) {
    handshake(kServer, 2, test::server_hello_body(version, session_id, cipher, extensions));
  }
  void change_cipher_spec(Direction d) { from(d, test::tls_record(20, ByteWriter().u8(1))); }
  void encrypted(Direction d, unsigned type = 22) { from(d, test::tls_record(type, ByteWriter().zeros(40, 0xee))); }
  RowText row() {
    const auto rows = c_.rows("ssl");
    EXPECT_EQ(rows.size(), 1u);
    return rows.empty() ? RowText{} : rows[0];
  }

  FakeContext c_;
  TlsAnalyzer analyzer_;
};

TEST_F(Tls, FullHandshake) {
  const auto leaf = test::from_hex(test::kLeafHex), root = test::from_hex(test::kRootHex);
  ByteWriter client_extensions;
  client_extensions.bytes(test::server_name_extension("www.example.com")).bytes(test::alpn_extension({"h2", "http/1.1"}));
  client_hello({}, client_extensions);
  server_hello({}, test::alpn_extension({"http/1.1"}));
  handshake(kServer, 11, test::certificate_body({leaf, root}));
  handshake(kServer, 12, test::ecdhe_body(23));
  handshake(kServer, 14, {});
  handshake(kClient, 16, ByteWriter().zeros(66));
  change_cipher_spec(kClient);
  encrypted(kClient);
  EXPECT_TRUE(c_.rows("ssl").empty()) << "the server has not changed its cipher yet";
  change_cipher_spec(kServer);
  encrypted(kServer);

  const RowText r = row();
  EXPECT_EQ(r.at("version"), "TLSv12");
  EXPECT_EQ(r.at("cipher"), "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256");
  EXPECT_EQ(r.at("curve"), "secp256r1");
  EXPECT_EQ(r.at("server_name"), "www.example.com");
  EXPECT_EQ(r.at("resumed"), "F");
  EXPECT_EQ(r.at("ja4").substr(0, 11), "t12d0202h2_");
  EXPECT_EQ(r.at("ja3").size(), 32u);
  EXPECT_EQ(r.at("ja3s").size(), 32u);
  EXPECT_EQ(r.at("community_id").substr(0, 2), "1:");
  EXPECT_EQ(r.at("last_alert"), "-");
  EXPECT_EQ(r.at("next_protocol"), "http/1.1");
  EXPECT_EQ(r.at("established"), "T");
  EXPECT_EQ(r.at("ssl_history"), "CsxknGIi");
  EXPECT_EQ(r.at("cert_chain_fps"), std::string(test::kLeafFingerprint) + "," + std::string(test::kRootFingerprint));
  EXPECT_EQ(r.at("client_cert_chain_fps"), "(empty)");
  EXPECT_EQ(r.at("sni_matches_cert"), "T");
  EXPECT_EQ(c_.confirmed, std::vector<std::string>{"ssl"});
  EXPECT_EQ(c_.hostnames, std::vector<std::string>{"www.example.com"});
  EXPECT_EQ(c_.done_calls, 1);

  const auto certificates = c_.rows("x509");
  ASSERT_EQ(certificates.size(), 2u);
  EXPECT_EQ(certificates[0].at("host_cert"), "T");
  EXPECT_EQ(certificates[0].at("san.dns"), "www.example.com,*.cdn.example.com");
  EXPECT_EQ(certificates[0].at("san.ip"), "192.0.2.7,2001:db8::7");
  EXPECT_EQ(certificates[0].at("certificate.curve"), "prime256v1");
  EXPECT_EQ(certificates[0].at("basic_constraints.ca"), "F");
  EXPECT_EQ(certificates[1].at("host_cert"), "F");
  EXPECT_EQ(certificates[1].at("certificate.not_valid_before"), "1795423618.000000");
  EXPECT_EQ(certificates[1].at("certificate.exponent"), "65537");
  EXPECT_EQ(certificates[1].at("basic_constraints.path_len"), "1");
}

TEST_F(Tls, WithinFtpThatAskedForGssapiItIsGridFtp) {
  FtpAnalyzer ftp;
  FakeContext control;
  ftp.on_data(control, kClient, as_bytes("AUTH TLS\r\nAUTH GSSAPI\r\n"));
  c_.siblings[ProtocolId::Ftp] = &ftp;
  client_hello();
  server_hello();
  for (const Direction d : {kClient, kServer}) {
    change_cipher_spec(d);
    EXPECT_EQ(c_.confirmed, Words{"ssl"});
    encrypted(d);
  }
  EXPECT_EQ(c_.confirmed, (Words{"ssl", "gridftp"}));
}

TEST_F(Tls, ACertificateNamesTheServerThatTheClientDoesNotName) {
  client_hello();
  server_hello();
  handshake(kServer, 11, test::certificate_body({test::from_hex(test::kLeafHex), test::from_hex(test::kRootHex)}));
  EXPECT_EQ(c_.hostnames, std::vector<std::string>{"www.example.com,*.cdn.example.com"});
}

TEST_F(Tls, ACertificateMayBeValidForMillennia) {
  client_hello();
  server_hello();
  handshake(kServer, 11, test::certificate_body({test::from_hex(test::kFarHex)}));
  const auto certificates = c_.rows("x509");
  ASSERT_EQ(certificates.size(), 1u);
  EXPECT_EQ(certificates[0].at("certificate.not_valid_before"), "1795937555.000000");
  EXPECT_EQ(certificates[0].at("certificate.not_valid_after"), "252355937555.000000");
  EXPECT_EQ(certificates[0].at("certificate.key_alg"), "ED25519");
  EXPECT_EQ(certificates[0].at("certificate.key_type"), "-");
}

TEST_F(Tls, ByteByByteGivesTheSame) {
  ByteWriter hello;
  hello.bytes(test::handshake_record(1, test::client_hello_body(0x0303, {}, test::server_name_extension("example.com"))));
  for (const uint8_t b : hello.get()) from(kClient, Bytes(&b, 1));
  analyzer_.on_finish(c_);
  EXPECT_EQ(row().at("ssl_history"), "C");
  EXPECT_EQ(row().at("server_name"), "example.com");
  EXPECT_EQ(row().at("established"), "F");
}

TEST_F(Tls, MessageOverManyRecordsAndManyMessagesInOne) {
  const ByteWriter message = test::handshake_message(1, test::client_hello_body(0x0303, {}, test::server_name_extension("example.com")));
  ByteWriter records;
  for (size_t i = 0; i < message.get().size(); i += 7) {
    records.bytes(test::tls_record(22, Bytes(message).subspan(i, std::min<size_t>(7, message.get().size() - i))));
  }
  from(kClient, records);
  ByteWriter flight;
  flight.bytes(test::handshake_message(2, test::server_hello_body(0x0303, {}, 0x002f, {}))).bytes(test::handshake_message(14, {}));
  from(kServer, test::tls_record(22, flight));
  analyzer_.on_finish(c_);
  EXPECT_EQ(row().at("ssl_history"), "Csn");
  EXPECT_EQ(row().at("cipher"), "TLS_RSA_WITH_AES_128_CBC_SHA");
}

TEST_F(Tls, ResumedBySessionId) {
  const ByteWriter id = ByteWriter().zeros(32, 7);
  client_hello(id);
  server_hello(id);
  analyzer_.on_finish(c_);
  EXPECT_EQ(row().at("resumed"), "T");
}

TEST_F(Tls, EchoedSessionIdTellsNothingInVersion13) {
  const ByteWriter id = ByteWriter().zeros(32, 7);
  client_hello(id);
  ByteWriter extensions;
  extensions.bytes(test::extension(43, ByteWriter().u16(0x0304)))
      .bytes(test::extension(51, ByteWriter().u16(29).counted(2, ByteWriter().zeros(32))));
  server_hello(id, extensions, 0x1302);
  change_cipher_spec(kServer);
  encrypted(kServer, 23);
  change_cipher_spec(kClient);
  encrypted(kClient, 23);
  EXPECT_EQ(row().at("version"), "TLSv13");
  EXPECT_EQ(row().at("resumed"), "F");
  EXPECT_EQ(row().at("curve"), "x25519");
  EXPECT_EQ(row().at("ssl_history"), "CsiI");
  EXPECT_EQ(row().at("established"), "T");
  EXPECT_EQ(row().at("cert_chain_fps"), "-");
}

TEST_F(Tls, ResumedByPreSharedKey) {
  const ByteWriter identities = ByteWriter().counted(2, ByteWriter().counted(2, ByteWriter().zeros(5)).u32(1));
  client_hello({}, test::extension(41, ByteWriter().bytes(identities).counted(2, ByteWriter().counted(1, ByteWriter().zeros(32)))));
  ByteWriter extensions;
  extensions.bytes(test::extension(43, ByteWriter().u16(0x0304))).bytes(test::extension(41, ByteWriter().u16(0)));
  server_hello({}, extensions, 0x1301);
  analyzer_.on_finish(c_);
  EXPECT_EQ(row().at("resumed"), "T");
}

TEST_F(Tls, ResumedByTicketWithoutSessionId) {
  client_hello({}, test::extension(35, ByteWriter().zeros(16)));
  server_hello();
  change_cipher_spec(kServer);
  change_cipher_spec(kClient);
  encrypted(kServer);
  EXPECT_EQ(row().at("resumed"), "T");
  EXPECT_EQ(row().at("ssl_history"), "CsiI");
}

TEST_F(Tls, Alert) {
  client_hello();
  from(kServer, test::tls_record(21, ByteWriter().u8(2).u8(40)));
  analyzer_.on_finish(c_);
  EXPECT_EQ(row().at("last_alert"), "handshake_failure");
  EXPECT_EQ(row().at("ssl_history"), "Cl");
}

TEST_F(Tls, HelloRetryRequest) {
  constexpr std::string_view kRandom = "CF21AD74E59A6111BE1D8C021E65B891C2A211167ABB8C5E079E09E2C8A8339C";
  client_hello();
  handshake(kServer, 2, ByteWriter().u16(0x0303).bytes(test::from_hex(kRandom)).u8(0).u16(0x1301).u8(0));
  client_hello();
  server_hello();
  analyzer_.on_finish(c_);
  EXPECT_EQ(row().at("ssl_history"), "CjCs");
}

TEST_F(Tls, RolesTurnedRound) {
  handshake(kServer, 1, test::client_hello_body(0x0303, {}, {}));
  handshake(kClient, 2, test::server_hello_body(0x0303, {}, 0x002f, {}));
  analyzer_.on_finish(c_);
  EXPECT_EQ(row().at("ssl_history"), "^Cs");
}

TEST_F(Tls, GapEndsTheReading) {
  client_hello();
  analyzer_.on_gap(c_, kServer, 100);
  EXPECT_EQ(row().at("ssl_history"), "C");
  EXPECT_EQ(c_.done_calls, 1);
}

TEST_F(Tls, OtherProtocolOnTheSamePort) {
  from(kClient, as_bytes("GET / HTTP/1.1\r\n"));
  analyzer_.on_finish(c_);
  EXPECT_TRUE(c_.rows("ssl").empty());
  EXPECT_EQ(c_.violations.size(), 1u);
  EXPECT_TRUE(c_.confirmed.empty());
}

TEST_F(Tls, ViolationWritesTheRowAtOnce) {
  client_hello();
  handshake(kServer, 2, ByteWriter().u16(0x0303).zeros(3));
  EXPECT_EQ(row().at("ssl_history"), "C");
  EXPECT_EQ(c_.violations.size(), 1u);
}

TEST_F(Tls, UnknownClientVersion) {
  handshake(kClient, 1, test::client_hello_body(0x0399, {}, {}));
  EXPECT_EQ(row().at("ssl_history"), "C") << "the row was begun after the violation, and is not lost";
  EXPECT_TRUE(c_.confirmed.empty());
  EXPECT_EQ(c_.done_calls, 1);
}

TEST_F(Tls, BrokenCertificate) {
  client_hello({}, test::server_name_extension("www.example.com"));
  server_hello();
  handshake(kServer, 11, test::certificate_body({as_bytes("no certificate"), Bytes{}, test::from_hex(test::kRootHex)}));
  analyzer_.on_finish(c_);
  EXPECT_EQ(row().at("cert_chain_fps"), test::kRootFingerprint);
  EXPECT_EQ(row().at("sni_matches_cert"), "-");
  ASSERT_EQ(c_.rows("weird").size(), 1u);
  EXPECT_EQ(c_.rows("weird")[0].at("name"), "x509_cert_parse_error");
  EXPECT_EQ(c_.rows("weird")[0].at("uid"), "-");
  ASSERT_EQ(c_.weirds.size(), 1u);
  EXPECT_EQ(c_.weirds[0].name, "zero_length_certificate");
}

TEST_F(Tls, StapledResponse) {
  FileAnalysis files;
  c_.file_analysis = &files;
  const auto response = test::from_hex(test::kOcspHex);
  client_hello();
  server_hello();
  handshake(kServer, 22, ByteWriter().u8(1).counted(3, response));
  handshake(kServer, 22, ByteWriter().u8(1).counted(3, as_bytes("nonsense")));
  handshake(kServer, 22, ByteWriter().u8(1).u24(0));
  const auto rows = c_.rows("ocsp");
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0].at("serialNumber"), "AB");
  EXPECT_EQ(rows[0].at("certStatus"), "good");
  EXPECT_EQ(rows[0].at("revoketime"), "-");
  EXPECT_EQ(rows[1].at("certStatus"), "revoked");
  EXPECT_EQ(rows[1].at("revokereason"), "keyCompromise");
  EXPECT_EQ(rows[1].at("nextUpdate"), "1796031081.000000");
  const auto file_rows = c_.rows("files");
  ASSERT_EQ(file_rows.size(), 2u);
  EXPECT_EQ(file_rows[0].at("mime_type"), "application/ocsp-response");
  EXPECT_EQ(file_rows[0].at("source"), "SSL");
  EXPECT_EQ(file_rows[0].at("fuid"), rows[0].at("id"));
  ASSERT_EQ(c_.rows("weird").size(), 1u);
  EXPECT_EQ(c_.rows("weird")[0].at("name"), "openssl_ocsp_response_parse_error");
  ASSERT_EQ(c_.weirds.size(), 1u);
  EXPECT_EQ(c_.weirds[0].name, "SSL_zero_length_stapled_OCSP_message");
}

TEST_F(Tls, CertificateInAFile) {
  FileAnalysis files;
  const auto leaf = test::from_hex(test::kLeafHex);
  FileMeta meta;
  meta.fuid = FileAnalysis::fuid(c_.header.uid, "HTTP", 0, false);
  meta.source = "HTTP";
  meta.mime_type = "application/pkix-cert";
  const FileHandle f = files.open(c_, meta).handle;
  files.data(c_, f, Bytes(leaf).first(100));
  files.data(c_, f, Bytes(leaf).subspan(100));
  EXPECT_TRUE(c_.rows("x509").empty());
  files.close(c_, f);
  ASSERT_EQ(c_.rows("x509").size(), 1u);
  EXPECT_EQ(c_.rows("x509")[0].at("fingerprint"), test::kLeafFingerprint);
  EXPECT_EQ(c_.rows("x509")[0].at("host_cert"), "F");

  const FileHandle with_hole = files.open(c_, meta).handle;
  files.data(c_, with_hole, Bytes(leaf).first(100));
  files.gap(c_, with_hole, 100, 10);
  files.data(c_, with_hole, Bytes(leaf).subspan(110));
  files.close(c_, with_hole);
  EXPECT_EQ(c_.rows("x509").size(), 1u) << "what was not seen whole is not read";
}

TEST_F(Tls, SslTwo) {
  ByteWriter hello;
  hello.u16(3).u16(0).u16(16).u24(0x010080).zeros(16, 3);
  from(kClient, ByteWriter().u8(0x80).u8(static_cast<unsigned>(hello.get().size() + 3)).u8(1).u16(0x0002).bytes(hello));
  ByteWriter server;
  server.u16(0x0002).u16(4).u16(3).u16(16).text("cert").u24(0x010080).zeros(16, 4);
  from(kServer, ByteWriter().u8(0x80).u8(static_cast<unsigned>(server.get().size() + 3)).u8(4).u16(0x0001).bytes(server));
  ByteWriter key;
  key.u8(0x80).u16(0).u16(8).u16(0).zeros(8);
  from(kClient, ByteWriter().u8(0x80).u8(static_cast<unsigned>(key.get().size() + 3)).u8(2).u16(0x0100).bytes(key));
  EXPECT_EQ(row().at("version"), "SSLv2");
  EXPECT_EQ(row().at("cipher"), "SSLv20_CK_RC4_128_WITH_MD5");
  EXPECT_EQ(row().at("ssl_history"), "Cs");
  EXPECT_EQ(row().at("established"), "T");
}

TEST_F(Tls, ManyServerNames) {
  const ByteWriter list = ByteWriter().u8(0).counted(2, as_bytes("a.test")).u8(0).counted(2, as_bytes("b.test"));
  client_hello({}, test::extension(0, ByteWriter().counted(2, list)));
  analyzer_.on_finish(c_);
  EXPECT_EQ(row().at("server_name"), "a.test");
  ASSERT_EQ(c_.weirds.size(), 1u);
  EXPECT_EQ(c_.weirds[0].addl, "[a.test, b.test]");
}

TEST_F(Tls, AnOverlongMessageIsPassedOver) {
  client_hello();
  from(kServer, test::tls_record(22, ByteWriter().u8(11).u24(300'000)));
  for (int i = 0; i < 30; i++) from(kServer, test::tls_record(22, ByteWriter().zeros(10'000)));
  handshake(kServer, 14, {});
  analyzer_.on_finish(c_);
  EXPECT_EQ(row().at("ssl_history"), "Cxn");
}

TEST_F(Tls, EveryPrefixOfAFlight) {
  ByteWriter flight;
  flight.bytes(test::handshake_record(2, test::server_hello_body(0x0303, {}, 0xc02f, {})));
  flight.bytes(test::handshake_record(11, test::certificate_body({test::from_hex(test::kLeafHex)})));
  flight.bytes(test::handshake_record(12, test::ecdhe_body(29)));
  for (size_t n = 0; n <= flight.get().size(); n++) {
    FakeContext c;
    TlsAnalyzer a;
    const std::vector<uint8_t> exact(flight.get().begin(), flight.get().begin() + static_cast<std::ptrdiff_t>(n));
    a.on_data(c, kServer, exact);
    a.on_finish(c);
    EXPECT_TRUE(c.violations.empty()) << n;
    EXPECT_LE(c.rows("ssl").size(), 1u) << n;
  }
}

TEST(TlsProbe, EitherSideIsEnough) {
  const ByteWriter client = test::handshake_record(1, test::client_hello_body(0x0303, {}, {}));
  const ByteWriter server = test::handshake_record(2, test::server_hello_body(0x0303, {}, 0xc02f, {}));
  EXPECT_EQ(probe_tls({.orig = client, .resp = {}}), Probe::Certain);
  EXPECT_EQ(probe_tls({.orig = {}, .resp = server}), Probe::Certain);
  EXPECT_EQ(probe_tls({.orig = as_bytes("SSH-2.0-x"), .resp = {}}), Probe::Unsure);
  EXPECT_EQ(probe_tls({.orig = as_bytes("SSH-2.0-x"), .resp = as_bytes("SSH-2.0-y")}), Probe::NotForUs);
}

}  // namespace
}  // namespace sensor
