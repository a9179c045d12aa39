// Which protocol a connection is taken for, packet by packet through a whole session.
#include <gtest/gtest.h>

#include <algorithm>

#include "fake_context.h"
#include "sensor/session/session.h"
#include "ssh_messages.h"
#include "tls_messages.h"

namespace sensor {
namespace {

using namespace test;

struct NoListener final : ConnectionListener {
  void on_connection_open(TimeNs, Transport) override {}
  void on_connection_end(const ConnectionEnd&) override {}
};

/// One TCP connection that was seen from its beginning.
struct Detection : testing::Test {
  explicit Detection(std::string_view off = {}) : session(without(off), decoder, fragments, catcher.writer(), listener) {}

  static constexpr size_t kLabelStates = 8;

  static SessionConfig without(std::string_view protocols) {
    SessionConfig config;
    config.label_states = kLabelStates;
    config.protocols_off.mask = parse_protocols(protocols).value();
    return config;
  }

  void open(uint16_t port) {
    resp_port = port;
    send(true, tcpflag::kSyn, {});
    send(false, tcpflag::kSyn | tcpflag::kAck, {});
    send(true, tcpflag::kAck, {});
  }
  void client(std::string_view payload) { send(true, tcpflag::kAck | tcpflag::kPsh, payload); }
  void server(std::string_view payload) { send(false, tcpflag::kAck | tcpflag::kPsh, payload); }
  void lose_from_client(uint32_t bytes) { next[0] += bytes; }
  std::string app() {
    session.finish(now);
    return catcher.rows("conn").at(0).at("app");
  }
  std::string service() {
    session.finish(now);
    return catcher.rows("conn").at(0).at("service");
  }

  /// UDP, a microsecond after what came before.
  void datagram(const IpAddress& client, uint16_t port, std::string_view payload) {
    now += kMicrosecond;
    DecodedPacket p;
    p.ts_ns = p.clock_ns = now;
    p.tuple = {client, *IpAddress::parse("192.0.2.1"), 40000, port, ipproto::kUdp};
    p.transport = Transport::Udp;
    p.payload = as_bytes(payload);
    p.payload_len = static_cast<uint32_t>(payload.size());
    p.udp_len = static_cast<int32_t>(p.payload_len + 8);
    p.ip_len = 28 + p.payload_len;
    session.begin_burst({&now, 1});
    session.tracker().process({&p, 1});
  }

  void send(bool from_client, uint8_t flags, std::string_view payload) {
    const size_t side = from_client ? 0 : 1;
    now += kMillisecond;
    DecodedPacket p;
    p.ts_ns = p.clock_ns = now;
    const IpAddress a = *IpAddress::parse("192.0.2.10"), b = *IpAddress::parse("192.0.2.1");
    p.tuple = from_client ? FiveTuple{a, b, 40000, resp_port, ipproto::kTcp} : FiveTuple{b, a, resp_port, 40000, ipproto::kTcp};
    p.transport = Transport::Tcp;
    p.payload = as_bytes(payload);
    p.payload_len = static_cast<uint32_t>(payload.size());
    p.ip_len = 40 + p.payload_len;
    p.tcp = {.seq = next[side], .ack = next[1 - side], .window = 1024, .flags = flags, .header_len = 20};
    next[side] += p.payload_len + ((flags & tcpflag::kSyn) != 0 ? 1 : 0);
    session.begin_burst({&now, 1});
    session.tracker().process({&p, 1});
  }

  void datagram(uint16_t port, std::string_view payload) {
    now += kMillisecond;
    DecodedPacket p;
    p.ts_ns = p.clock_ns = now;
    p.tuple = {*IpAddress::parse("192.0.2.10"), *IpAddress::parse("192.0.2.1"), 40000, port, ipproto::kUdp};
    p.transport = Transport::Udp;
    p.payload = as_bytes(payload);
    p.payload_len = static_cast<uint32_t>(payload.size());
    p.ip_len = 28 + p.payload_len;
    session.begin_burst({&now, 1});
    session.tracker().process({&p, 1});
  }

  DecodeCounters counters;
  Decoder decoder{DecodeOptions{}, &counters};
  FragmentReassembler fragments{{}, decoder};
  RecordCatcher catcher;
  NoListener listener;
  Session session;
  TimeNs now = 1'000'000 * kSecond;
  uint16_t resp_port = 0;
  std::array<uint32_t, 2> next{1000, 2000};
};

struct SshOff : Detection {
  SshOff() : Detection("ssh") {}
};

const std::string kOffer = ssh_kexinit(ssh_offer("curve25519-sha256"));

TEST_F(SshOff, NeitherContentNorPortStartIt) {
  open(22);
  server("SSH-2.0-s\r\n");
  client("SSH-2.0-c\r\n");
  server(kOffer);
  client(kOffer);
  server(ssh_ecdh_reply("key") + ssh_new_keys());
  EXPECT_EQ(service(), "-");
  EXPECT_TRUE(catcher.rows("ssh").empty());
}

TEST_F(Detection, SshOnAnyPort) {
  open(2222);
  server("SSH-2.0-s\r\n");
  client("SSH-2.0-c\r\n");
  server(kOffer);
  client(kOffer);
  server(ssh_ecdh_reply("key") + ssh_new_keys());
  EXPECT_EQ(service(), "ssh");
  EXPECT_EQ(catcher.rows("ssh").size(), 1u);
}

// Neither side alone speaks for SSH. Each time it is dropped, both still do: it must not be tried for ever.
TEST_F(Detection, ViolationOfAProtocolThatNeedsBothSides) {
  open(2222);
  server("SSH-2.0-s\r\n");
  client("SSH-2.0-c\r\n" + std::string(64, '\0'));
  server("SSH-2.0-s\r\n");
  client(std::string(64, '\0'));
  EXPECT_EQ(service(), "-");
  EXPECT_EQ(catcher.rows("ssh").size(), 1u);
}

TEST_F(Detection, ViolationWhereThePortSpoke) {
  open(22);
  client("SSH-2.0-c\r\n" + std::string(64, '\0'));
  server("SSH-2.0-s\r\n");
  client(std::string(64, '\0'));
  server(std::string(64, '\0'));
  EXPECT_EQ(service(), "-");
  EXPECT_LE(catcher.rows("ssh").size(), 2u);
}

TEST_F(Detection, AnotherProtocolOnThePortOfSsh) {
  open(22);
  client("GET / HTTP/1.1\r\nHost: www.example.com\r\n\r\n");
  server("HTTP/1.1 204 No Content\r\n\r\n");
  EXPECT_EQ(service(), "http");
  EXPECT_TRUE(catcher.rows("ssh").empty());
}

// Long before the connection is removed, five seconds later.
TEST_F(Detection, NothingIsKeptForAnExchangeWhoseBothSidesHaveEnded) {
  open(80);
  client("GET / HTTP/1.1\r\nHost: www.example.com\r\n\r\n");
  server("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");
  send(true, tcpflag::kAck | tcpflag::kFin, {});
  EXPECT_EQ(session.open_states(), 1u);
  send(false, tcpflag::kAck | tcpflag::kFin, {});
  EXPECT_EQ(session.open_states(), 0u);
  EXPECT_EQ(service(), "http");
  EXPECT_EQ(catcher.rows("http").size(), 1u);
  EXPECT_EQ(catcher.rows("files").size(), 1u);
}

// What is unanswered is written when the connection is removed, and waits for that.
TEST_F(Detection, AnUnansweredRequestIsKeptBeyondTheEndOfBothSides) {
  open(80);
  client("GET / HTTP/1.1\r\nHost: www.example.com\r\n\r\n");
  send(true, tcpflag::kAck | tcpflag::kFin, {});
  send(false, tcpflag::kAck | tcpflag::kFin, {});
  EXPECT_EQ(session.open_states(), 1u);
  EXPECT_EQ(service(), "http");
  EXPECT_EQ(catcher.rows("http").size(), 1u);
}

// The body is longer than announced: HTTP is dropped, and found again by the response, which answers the request that was read before.
TEST_F(Detection, HttpThatIsFoundAgainGoesOnCounting) {
  open(80);
  client("POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello world\r\n");
  server("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  session.finish(now);
  const auto rows = catcher.rows("http");
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0].at("trans_depth"), "1");
  EXPECT_EQ(rows[0].at("status_code"), "200");
  EXPECT_EQ(rows[0].at("request_body_len"), "5");
  EXPECT_EQ(rows[1].at("trans_depth"), "2");
  EXPECT_EQ(rows[1].at("method"), "POST");
  EXPECT_EQ(rows[1].at("status_code"), "-");
  EXPECT_LT(rows[0].at("ts"), rows[1].at("ts"));
}

TEST_F(Detection, HttpThatIsNotFoundAgainIsWritten) {
  open(80);
  client("GET / HTTP/1.1\r\n\r\n");
  client(std::string(8, '\0') + "\r\n");
  server(std::string(3000, '\0'));
  client(std::string(3000, '\0'));
  EXPECT_EQ(catcher.rows("http").size(), 1u);
  EXPECT_EQ(service(), "-");
  EXPECT_EQ(catcher.rows("http").size(), 1u);
}

// The client's second record is an alert cut short: the row is written, and TLS that is found by the server's hello has none of its own.
TEST_F(Detection, TlsThatIsFoundAgainHasOneRow) {
  const ByteWriter hello = handshake_record(1, client_hello_body(0x0303, {}, server_name_extension("a.example")));
  const ByteWriter answer = handshake_record(2, server_hello_body(0x0303, {}, 0xc02f, {}));
  open(443);
  client(as_chars(hello));
  client(as_chars(tls_record(21, as_bytes("x"))));
  server(as_chars(answer));
  EXPECT_EQ(service(), "-");
  ASSERT_EQ(catcher.rows("ssl").size(), 1u);
  EXPECT_EQ(catcher.rows("ssl")[0].at("server_name"), "a.example");
}

TEST_F(Detection, ResetCutsHttpMessagesOff) {
  open(80);
  client("GET / HTTP/1.1\r\n\r\n");
  server("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n0123456789");
  send(true, tcpflag::kRst | tcpflag::kAck, {});
  ASSERT_EQ(catcher.rows("http").size(), 1u);
  EXPECT_EQ(catcher.rows("http")[0].at("response_body_len"), "10");
  server("on its way");
  EXPECT_EQ(service(), "http");
  EXPECT_EQ(catcher.rows("http").size(), 1u);
  EXPECT_EQ(catcher.rows("files").at(0).at("seen_bytes"), "10");
}

// The clock goes on in steps that depend on how packets come.
TEST_F(Detection, WhatIsOddAboutAConnectionThatTimedOutIsOfTheTimeWhenItDid) {
  open(21);
  server("220 ready\r\n");
  client("USER " + std::string(20'000, 'x') + "\r\n");
  const TimeNs last = now;
  now += 120 * kMinute;
  session.begin_burst({&now, 1});
  session.tracker().advance(now);
  const auto weirds = catcher.rows("weird");
  const auto weird = std::ranges::find(weirds, "FTP_arg_too_long", [](const auto& row) { return row.at("name"); });
  ASSERT_NE(weird, weirds.end());
  EXPECT_NEAR(std::stod(weird->at("ts")), static_cast<double>((last + 60 * kMinute) / kSecond), 1);
}

TEST_F(Detection, TooManyViolationsOfAConnectionThatWentWell) {
  open(21);
  client("USER a\r\n");
  for (int i = 0; i < 11; i++) server("220 " + std::string(1000, 'x') + "\r\n");
  for (int i = 0; i < 1000; i++) server("junk\r\n");
  EXPECT_TRUE(catcher.rows("weird").empty());
  server("junk\r\njunk\r\n");
  ASSERT_EQ(catcher.rows("weird").size(), 1u);
  EXPECT_EQ(catcher.rows("weird")[0].at("name"), "too_many_analyzer_violations");
  EXPECT_EQ(catcher.rows("weird")[0].at("source"), "FTP");
  EXPECT_EQ(service(), "ftp");
}

/// UDP to a DNS server.
struct DnsPort : Detection {
  void query(int seconds, std::string_view payload) {
    now = (1'000'000 + seconds) * kSecond;
    datagram(*IpAddress::parse("192.0.2.10"), 53, payload);
  }
  size_t connections() {
    session.finish(now);
    return catcher.rows("conn").size();
  }
};

TEST_F(DnsPort, ConnectionsEndWhenIdle) {
  const std::string name("\0\1\1\0\0\1\0\0\0\0\0\0\1a\0\0\1\0\1", 19);
  query(0, name);
  query(20, name);
  EXPECT_EQ(connections(), 2U);
}

TEST_F(DnsPort, DatagramWithoutContent) {
  query(0, {});
  ASSERT_EQ(catcher.rows("weird").size(), 1U);
  EXPECT_EQ(catcher.rows("weird")[0].at("name"), "DNS_truncated_len_lt_hdr_len");
}

TEST_F(DnsPort, WhatIsNotDnsMayBeIdleForLonger) {
  const std::string questions("\0\1\1\0\xff\xff\0\0\0\0\0\0", 12);
  query(0, questions);
  query(20, questions);
  EXPECT_EQ(connections(), 1U);
}

TEST_F(Detection, OddLineEndsAreToldOnce) {
  open(21);
  server("220 a\rb\r\n");
  client(std::string("USER a\rb\0\r\n", 12));
  server(std::string("331 a\rb\0\r\n", 11));
  ASSERT_EQ(catcher.rows("weird").size(), 2U);
  EXPECT_EQ(catcher.rows("weird")[0].at("name"), "line_terminated_with_single_CR");
  EXPECT_EQ(catcher.rows("weird")[1].at("name"), "NUL_in_line");
}

TEST_F(Detection, DetailsOfAWeirdEndAtAZero) {
  open(80);
  client("GET / HTTP/1.1\r\n\r\n");
  server(std::string("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nno\0size\r\n", 56));
  session.finish(now);
  ASSERT_EQ(catcher.rows("weird").size(), 1u);
  EXPECT_EQ(catcher.rows("weird")[0].at("name"), "HTTP_bad_chunk_size");
  EXPECT_EQ(catcher.rows("weird")[0].at("addl"), "no");
}

// Its namespaces stand in double quotes, which Zeek looks at on these ports only.
TEST_F(Detection, XmppOnItsPort) {
  open(5222);
  client("<stream:stream to=\"a\" xmlns=\"jabber:client\">");
  EXPECT_EQ(service(), "xmpp");
}
TEST_F(Detection, XmppElsewhere) {
  open(5555);
  client("<stream:stream to=\"a\" xmlns=\"jabber:client\">");
  EXPECT_EQ(service(), "-");
}

// The client's junk takes HTTP away, the response brings it back, and with it all that was kept: the tunnel opens while that is read.
TEST_F(Detection, TunnelThatOpensInWhatWasKept) {
  open(3128);
  client("CONNECT a:22 HTTP/1.1\r\n\r\njunk\r\n");
  server("HTTP/1.1 200 Connected\r\n\r\nSSH-2.0-s\r\n");
  client("SSH-2.0-c\r\n");
  server(kOffer);
  client(kOffer);
  server(ssh_ecdh_reply("key") + ssh_new_keys());
  EXPECT_EQ(service(), "http,ssh");
  EXPECT_EQ(catcher.rows("ssh").at(0).at("server"), "SSH-2.0-s");
}

// A header without the flag for a network's number is a violation; as in Zeek, a tunnel stays what it was found to be.
TEST_F(Detection, TunnelOverUdpWithALaterViolation) {
  datagram(4789, {"\x08\0\0\0\0\0\1\0", 8});
  datagram(4789, {"\0\0\0\0\0\0\1\0", 8});
  EXPECT_EQ(service(), "vxlan");
}

TEST_F(Detection, TunnelOverUdpThatBeginsWithAViolation) {
  datagram(4789, {"\0\0\0\0\0\0\1\0", 8});
  datagram(4789, {"\x08\0\0\0\0\0\1\0", 8});
  EXPECT_EQ(service(), "-");
}

TEST_F(Detection, FirstPieceThatFillsTheBuffer) {
  open(3128);
  client("GET / HTTP/1.1\r\nHost: a\r\nCookie: " + std::string(1400, 'c') + "\r\n\r\n");
  EXPECT_EQ(service(), "http");
  EXPECT_EQ(catcher.rows("http").at(0).at("host"), "a");
}

TEST_F(Detection, FtpThatGreetsInManyLines) {
  open(12345);
  server("220-Welcome\r\n220-to you\r\n220 ready\r\n");
  client("FEAT\r\n");
  server("211-Features:\r\n EPRT\r\n211 End\r\n");
  client("USER me\r\n");
  server("331 password?\r\n");
  client("PASS a\r\n");
  server("230 in\r\n");
  EXPECT_EQ(service(), "ftp");
}

// A request was lost, and its acknowledgement says so.
TEST_F(Detection, BehindAGap) {
  open(12345);
  lose_from_client(100);
  server({});
  client("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  server("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  EXPECT_EQ(service(), "http");
  EXPECT_EQ(catcher.rows("http").at(0).at("host"), "a");
  EXPECT_EQ(catcher.rows("conn").at(0).at("missed_bytes"), "100");
}

TEST_F(Detection, TheLabelIsOfWhatTheContentWasAlsoIfItWentWrong) {
  if (!NdpiClassifier::available()) GTEST_SKIP() << "built without nDPI";
  open(22);
  client("GET / HTTP/1.1\r\nHost: www.example.com\r\n\r\n");
  server("SSH-2.0-s\r\n");
  EXPECT_EQ(app(), "SSH.HTTP");
  EXPECT_EQ(service(), "-");
}

// As many connections as there are flow states say nothing that nDPI knows, and wait: those that come after them get their labels all the
// same.
TEST_F(Detection, UndecidedConnectionsDoNotKeepOthersFromTheirLabels) {
  if (!NdpiClassifier::available()) GTEST_SKIP() << "built without nDPI";
  const auto client = [](uint32_t i) { return IpAddress::v4(0x0a000000 + i); };
  for (uint32_t i = 0; i < kLabelStates; i++) datagram(client(i), 40001, "\x01\x02\x03 nothing anybody knows");
  EXPECT_EQ(session.classifier().leased(), kLabelStates);
  datagram(client(kLabelStates), 40001, "d1:ad2:id20:abcdefghij0123456789e1:q4:ping1:t2:aa1:y1:qe");  // BitTorrent's DHT (BEP 5)
  EXPECT_EQ(session.classifier().counters().get(NdpiCounter::GivenUp), 1u);
  session.finish(now);
  const auto rows = catcher.rows("conn");
  const auto last = std::ranges::find(rows, "10.0.0.8", [](const auto& row) { return row.at("id.orig_h"); });
  ASSERT_NE(last, rows.end());
  EXPECT_EQ(last->at("app"), "BitTorrent");
}

TEST_F(Detection, TheLabelIsOfWhatTheContentWasNotOfThePort) {
  if (!NdpiClassifier::available()) GTEST_SKIP() << "built without nDPI";
  open(21);
  server("SSH-2.0-s\r\n");
  client("SSH-2.0-c\r\n");
  EXPECT_EQ(app(), "SSH");
}

}  // namespace
}  // namespace sensor
