#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "decoded_packet.h"
#include "dpi/ndpi/ndpi_classifier.h"

namespace sensor {
namespace {

using test::decoded_packet;
using test::five_tuple;
using test::reversed;

#define SKIP_WITHOUT_NDPI() \
  if (!NdpiClassifier::available()) GTEST_SKIP() << "built without nDPI"

const FiveTuple kTls = five_tuple(ipproto::kTcp, "10.0.0.1", 40000, "198.51.100.7", 443);
const FiveTuple kHttp = five_tuple(ipproto::kTcp, "10.0.0.1", 40001, "198.51.100.7", 80);
const FiveTuple kDns = five_tuple(ipproto::kUdp, "10.0.0.1", 40002, "10.0.0.53", 53);
const FiveTuple kSsh = five_tuple(ipproto::kTcp, "10.0.0.1", 40003, "10.0.0.2", 22);

/// One classifier for all tests: making its context takes a while.
NdpiClassifier& classifier() {
  static NdpiClassifier c;
  return c;
}

AppLabel classify(NdpiClassifier& c, const FiveTuple& tuple, const std::vector<std::string>& payloads, bool alternate = true) {
  const NdpiLease lease = c.lease(true, 1);
  EXPECT_NE(lease, kNoNdpiLease);
  bool from_orig = true;
  uint32_t seq[2] = {1000, 9000};
  for (const auto& text : payloads) {
    DecodedPacket p = decoded_packet(from_orig ? tuple : reversed(tuple), as_bytes(text));
    p.tcp.seq = seq[from_orig ? 0 : 1];
    p.tcp.ack = seq[from_orig ? 1 : 0];
    seq[from_orig ? 0 : 1] += static_cast<uint32_t>(text.size());
    if (c.feed(lease, p)) break;
    if (alternate) from_orig = !from_orig;
  }
  return c.finish(lease);
}

TEST(Ndpi, ConfirmedProtocolWithAKnownHostNamesTheApplication) {
  SKIP_WITHOUT_NDPI();
  const AppLabel l = classifier().confirmed(ConfirmedProtocol::Tls, "www.youtube.com", kTls);
  EXPECT_EQ(app_name(l), "TLS.YouTube");
  EXPECT_EQ(app_category_name(l), "Media");
  EXPECT_EQ(app_confidence_name(l), "DPI");
  EXPECT_EQ(app_name(classifier().confirmed(ConfirmedProtocol::Quic, "rr1---sn.googlevideo.com", kTls)), "QUIC.YouTube");
  EXPECT_EQ(app_name(classifier().confirmed(ConfirmedProtocol::Dns, "WWW.YouTube.COM", kDns)), "DNS.YouTube");
  EXPECT_EQ(app_name(classifier().confirmed(ConfirmedProtocol::Http, "www.wikipedia.org:8080", kHttp)), "HTTP.Wikipedia");
}

TEST(Ndpi, ConfirmedProtocolWithoutAKnownHostIsTheProtocol) {
  SKIP_WITHOUT_NDPI();
  EXPECT_EQ(app_name(classifier().confirmed(ConfirmedProtocol::Tls, "", kTls)), "TLS");
  EXPECT_EQ(app_name(classifier().confirmed(ConfirmedProtocol::Tls, "host.example", kTls)), "TLS");
  EXPECT_EQ(app_name(classifier().confirmed(ConfirmedProtocol::Http, "host.example", kHttp)), "HTTP");
  EXPECT_EQ(app_name(classifier().confirmed(ConfirmedProtocol::Dns, "host.example", kDns)), "DNS");
  FiveTuple mdns = kDns;
  mdns.dst_port = 5353;
  EXPECT_EQ(app_name(classifier().confirmed(ConfirmedProtocol::Dns, "printer.local", mdns)), "MDNS");
  FiveTuple netbios = kDns;
  netbios.dst_port = 137;
  EXPECT_EQ(app_name(classifier().confirmed(ConfirmedProtocol::Dns, "www.youtube.com", netbios)), "NetBIOS");
  FiveTuple imaps = kTls;
  imaps.dst_port = 993;
  EXPECT_EQ(app_name(classifier().confirmed(ConfirmedProtocol::Tls, "host.example", imaps)), "IMAPS");
}

TEST(Ndpi, ConfirmedProtocolsWithoutHosts) {
  SKIP_WITHOUT_NDPI();
  EXPECT_EQ(app_name(classifier().confirmed(ConfirmedProtocol::Smb1, "", kTls)), "NetBIOS.SMBv1");
  EXPECT_EQ(app_name(classifier().confirmed(ConfirmedProtocol::Smb2, "", kTls)), "NetBIOS.SMBv23");
  EXPECT_EQ(app_name(classifier().confirmed(ConfirmedProtocol::Ftp, "", kTls)), "FTP_CONTROL");
  EXPECT_EQ(app_name(classifier().confirmed(ConfirmedProtocol::Ocsp, "ocsp.google.com", kHttp)), "HTTP.OCSP");
  EXPECT_EQ(app_name(classifier().confirmed(ConfirmedProtocol::Kerberos, "", kTls)), "Kerberos");
  EXPECT_EQ(app_name(classifier().confirmed(ConfirmedProtocol::Imaps, "", kTls)), "IMAPS");
  EXPECT_EQ(app_name(classifier().confirmed(ConfirmedProtocol::Pop3, "", kTls)), "POP3");
  EXPECT_EQ(app_name(classifier().confirmed(ConfirmedProtocol::Pops, "", kTls)), "POPS");
  EXPECT_EQ(app_name(classifier().confirmed(ConfirmedProtocol::Xmpp, "", kTls)), "Jabber");
}

TEST(Ndpi, ProxiesAndDnsOverQuic) {
  SKIP_WITHOUT_NDPI();
  EXPECT_EQ(app_name(classifier().confirmed(ConfirmedProtocol::HttpConnect, "host.example", kHttp)), "HTTP_Connect");
  EXPECT_EQ(app_name(classifier().confirmed(ConfirmedProtocol::HttpProxy, "host.example", kHttp)), "HTTP.HTTP_Proxy");
  FiveTuple doq = kDns;
  doq.dst_port = 853;
  EXPECT_EQ(app_name(classifier().confirmed(ConfirmedProtocol::Quic, "host.example", doq)), "QUIC.DoH_DoT");
}

TEST(Ndpi, HttpOnThePortOfAnotherProtocolIsNamedAfterBoth) {
  SKIP_WITHOUT_NDPI();
  FiveTuple t = kHttp;
  const auto name = [&](uint16_t port, std::string_view host = "host.example") {
    t.dst_port = port;
    return app_name(classifier().confirmed(ConfirmedProtocol::Http, host, t));
  };
  EXPECT_EQ(name(5060), "SIP.HTTP");
  EXPECT_EQ(app_category_name(classifier().confirmed(ConfirmedProtocol::Http, "host.example", t)), "Web");
  EXPECT_EQ(name(80), "HTTP");
  EXPECT_EQ(name(8080), "HTTP") << "a port of proxies";
  EXPECT_EQ(name(443), "HTTP") << "TLS has applications of its own";
  EXPECT_EQ(name(40002), "HTTP");
  EXPECT_EQ(name(5060, "www.youtube.com"), "HTTP.YouTube");
  EXPECT_EQ(name(5060, ""), "HTTP") << "nDPI looks at the port when it looks for the host";
  EXPECT_EQ(app_name(classifier().confirmed(ConfirmedProtocol::Gnutella, "192.0.2.1:6346", kHttp)), "Gnutella");
}

TEST(Ndpi, TheFirstOfSeveralNamesThatSaysSomething) {
  SKIP_WITHOUT_NDPI();
  const auto name = [&](std::string_view names) { return app_name(classifier().confirmed(ConfirmedProtocol::Tls, names, kTls)); };
  EXPECT_EQ(name("host.example,*.youtube.com,www.netflix.com"), "TLS.YouTube");
  EXPECT_EQ(name("*.host.example,"), "TLS");
  EXPECT_EQ(name(",,www.netflix.com"), "TLS.NetFlix");
  EXPECT_EQ(name(","), "TLS");
}

TEST(Ndpi, MadeUpServerNamesOfTorAreRecognised) {
  SKIP_WITHOUT_NDPI();
  EXPECT_EQ(app_name(classifier().confirmed(ConfirmedProtocol::Tls, "www.jxqkzvwpgtfhrmdb.com", kTls)), "TLS.Tor");
  EXPECT_EQ(app_name(classifier().confirmed(ConfirmedProtocol::Tls, "www.example.com", kTls)), "TLS");
}

TEST(Ndpi, AddressOwnerNamesTheApplicationWhenTheHostDoesNot) {
  SKIP_WITHOUT_NDPI();
  FiveTuple to_google = kDns;
  to_google.dst = *IpAddress::parse("8.8.8.8");
  EXPECT_EQ(app_name(classifier().confirmed(ConfirmedProtocol::Dns, "host.example", to_google)), "DNS.Google");
  EXPECT_EQ(app_name(classifier().confirmed(ConfirmedProtocol::Ssh, "", to_google)), "SSH");
}

TEST(Ndpi, AConfirmedLabelLeavesNothingBehindForTheNext) {
  SKIP_WITHOUT_NDPI();
  const AppLabel before = classifier().confirmed(ConfirmedProtocol::Tls, "host.example", kTls);
  (void)classifier().confirmed(ConfirmedProtocol::Tls, "www.netflix.com", kTls);
  (void)classifier().guess(five_tuple(ipproto::kTcp, "10.0.0.1", 40000, "8.8.8.8", 53));
  EXPECT_EQ(classifier().confirmed(ConfirmedProtocol::Tls, "host.example", kTls), before);
}

// More hosts than the classifier remembers labels for.
TEST(Ndpi, WhatIsRememberedIsWhatWasFound) {
  SKIP_WITHOUT_NDPI();
  const auto labels = [&] {
    std::vector<AppLabel> all;
    for (int i = 0; i < 5000; i++) {
      const std::string host = i % 3 == 0 ? "host" + std::to_string(i) + ".netflix.com" : "host" + std::to_string(i) + ".example";
      const std::string address = "8.8." + std::to_string(i % 250) + '.' + std::to_string(i / 250);
      FiveTuple t = five_tuple(ipproto::kTcp, "10.0.0.1", 40000, address.c_str(), 443);
      all.push_back(classifier().confirmed(ConfirmedProtocol::Tls, host, t));
      t.dst_port = static_cast<uint16_t>(i * 13);
      t.ip_proto = i % 2 != 0 ? ipproto::kTcp : ipproto::kUdp;
      all.push_back(classifier().guess(t));
    }
    return all;
  };
  const auto first = labels();
  EXPECT_EQ(labels(), first);
  EXPECT_EQ(app_name(first[0]), "TLS.NetFlix");
  EXPECT_EQ(app_name(classifier().confirmed(ConfirmedProtocol::Tls, "host4.example", kTls)), "TLS");
}

TEST(Ndpi, TheOwnersOfAddresses) {
  SKIP_WITHOUT_NDPI();
  const auto owner = [&](const char* address) {
    return app_name(classifier().guess(five_tuple(ipproto::kTcp, "10.0.0.1", 40000, address, 40001)));
  };
  EXPECT_EQ(owner("8.8.7.255"), "");
  EXPECT_EQ(owner("8.8.8.0"), "Google");
  EXPECT_EQ(owner("8.8.8.255"), "Google");
  EXPECT_EQ(owner("8.8.9.0"), "");
  EXPECT_EQ(owner("13.57.180.127"), "AmazonAWS");
  EXPECT_EQ(owner("13.57.180.128"), "Viber") << "a range within another";
  EXPECT_EQ(owner("13.57.180.143"), "Viber");
  EXPECT_EQ(owner("13.57.180.144"), "AmazonAWS") << "and behind it the one around";
  EXPECT_EQ(owner("0.0.0.0"), "");
  EXPECT_EQ(owner("255.255.255.255"), "");
}

TEST(Ndpi, ThePortsOfAGuess) {
  SKIP_WITHOUT_NDPI();
  const auto name = [&](uint8_t proto, uint16_t a, uint16_t b) {
    return app_name(classifier().guess(five_tuple(proto, "10.0.0.1", a, "10.0.0.2", b)));
  };
  EXPECT_EQ(name(ipproto::kTcp, 80, 22), "SSH") << "the lower one";
  EXPECT_EQ(name(ipproto::kTcp, 22, 80), "SSH") << "from either side";
  EXPECT_EQ(name(ipproto::kTcp, 2, 80), "HTTP") << "or the other one";
  EXPECT_EQ(name(ipproto::kUdp, 40000, 123), "NTP");
  EXPECT_EQ(name(ipproto::kTcp, 40000, 123), "") << "a port of UDP";
  EXPECT_EQ(name(ipproto::kTcp, 0, 80), "");
}

TEST(Ndpi, GuessesByPort) {
  SKIP_WITHOUT_NDPI();
  const AppLabel ssh = classifier().guess(kSsh);
  EXPECT_EQ(app_name(ssh), "SSH");
  EXPECT_EQ(app_confidence_name(ssh), "Match by port");
  EXPECT_FALSE(classifier().guess(five_tuple(ipproto::kTcp, "10.0.0.1", 40000, "10.0.0.2", 40001)).known());
  const AppLabel google = classifier().guess(five_tuple(ipproto::kTcp, "10.0.0.1", 40000, "8.8.8.8", 40001));
  EXPECT_EQ(app_name(google), "Google");
  EXPECT_EQ(app_confidence_name(google), "Match by IP");
  EXPECT_EQ(app_name(classifier().guess(five_tuple(ipproto::kIcmp, "10.0.0.1", 8, "10.0.0.2", 0))), "ICMP");
  EXPECT_FALSE(classifier().guess(five_tuple(ipproto::kTcp, "2001:db8::1", 40000, "2001:db8::2", 40001)).known());
}

TEST(Ndpi, RecognisesContentOnAnyPort) {
  SKIP_WITHOUT_NDPI();
  FiveTuple odd = kSsh;
  odd.dst_port = 2222;
  const AppLabel l = classify(classifier(), odd, {"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n", "SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n"});
  EXPECT_EQ(app_name(l), "SSH");
  EXPECT_EQ(app_confidence_name(l), "DPI");
  EXPECT_EQ(classifier().leased(), 0u);
}

TEST(Ndpi, FtpIsLeftToTheDissectorThatReadsIt) {
  SKIP_WITHOUT_NDPI();
  const FiveTuple odd = five_tuple(ipproto::kTcp, "10.0.0.1", 40000, "10.0.0.2", 40001);
  const std::vector<std::string> ftp{"USER anonymous\r\n", "331 Please specify the password.\r\n", "PASS me@\r\n",
                                     "230 Login successful.\r\n"};
  EXPECT_EQ(app_name(classify(classifier(), odd, ftp)), "FTP_CONTROL");
  NdpiClassifier reads_ftp(NdpiClassifier::Options{.ftp_is_read = true});
  EXPECT_EQ(app_name(classify(reads_ftp, odd, ftp)), "");
}

TEST(Ndpi, AUdpConnectionDoesNotMindTheHandshakeFlag) {
  SKIP_WITHOUT_NDPI();
  const FiveTuple tftp = five_tuple(ipproto::kUdp, "10.0.0.1", 40000, "10.0.0.2", 50000);
  const std::string data = std::string("\0\3\0\1", 4) + std::string(512, 'x');
  const std::string ack("\0\4\0\1", 4), data2 = std::string("\0\3\0\2", 4) + std::string(512, 'x');
  EXPECT_EQ(app_name(classify(classifier(), tftp, {data, ack, data2, std::string("\0\4\0\2", 4)})), "TFTP");
}

TEST(Ndpi, SameContentOverIpv6) {
  SKIP_WITHOUT_NDPI();
  const FiveTuple v6 = five_tuple(ipproto::kTcp, "2001:db8::1", 40000, "2001:db8::2", 2222);
  EXPECT_EQ(app_name(classify(classifier(), v6, {"SSH-2.0-OpenSSH_9.2p1\r\n", "SSH-2.0-OpenSSH_9.2p1\r\n"})), "SSH");
}

TEST(Ndpi, UnknownContentFallsBackToTheGuess) {
  SKIP_WITHOUT_NDPI();
  const std::vector<std::string> noise(4, "\x01\x02\x03zzzzzz qwertz");
  const AppLabel l = classify(classifier(), kSsh, noise);
  EXPECT_EQ(app_name(l), "SSH");
  EXPECT_EQ(app_confidence_name(l), "Match by port");
}

TEST(Ndpi, LinesAreLookedForInEachPacket) {
  SKIP_WITHOUT_NDPI();
  const FiveTuple t = five_tuple(ipproto::kTcp, "10.0.0.1", 40000, "198.51.100.7", 40001);
  const std::string noise(600, '\x81'), agent = "User-Agent: Valve/Steam HTTP Client 1.0";
  EXPECT_EQ(app_name(classify(classifier(), t, {noise, "x\r\n" + agent + "\r\n\r\n"})), "Steam");
  EXPECT_EQ(app_name(classify(classifier(), t, {"x\r\n" + agent + "\r\n\r\n"})), "Steam");
  EXPECT_EQ(app_name(classify(classifier(), t, {noise, "x\n" + agent + "\n\n", noise})), "") << "no end of a line";
}

TEST(Ndpi, DecidesWithinThePacketBudget) {
  SKIP_WITHOUT_NDPI();
  const std::string noise = "\x01\x02\x03 nothing anybody knows";
  for (uint8_t proto : {ipproto::kTcp, ipproto::kUdp}) {
    const FiveTuple t = five_tuple(proto, "10.0.0.1", 40000, "10.0.0.2", 40001);
    const NdpiLease lease = classifier().lease(true, 1);
    int n = 1;
    while (!classifier().feed(lease, decoded_packet(t, as_bytes(noise)))) ASSERT_LT(n++, 33);
    EXPECT_TRUE(classifier().feed(lease, decoded_packet(t, as_bytes(noise)))) << "stays decided";
    EXPECT_FALSE(classifier().finish(lease).known());
  }
}

TEST(Ndpi, PoolIsBoundedAndReused) {
  SKIP_WITHOUT_NDPI();
  NdpiClassifier c({.max_leases = 3});
  std::vector<NdpiLease> held;
  for (uint32_t i = 1; i <= 3; i++) held.push_back(c.lease(false, i));
  EXPECT_EQ(c.leased(), 3u);
  EXPECT_EQ(c.lease(false, 4), kNoNdpiLease);
  EXPECT_EQ(c.counters().get(NdpiCounter::PoolExhausted), 1u);
  c.cancel(held[1]);
  EXPECT_EQ(c.lease(false, 5), held[1]);
  for (auto lease : held) (void)c.finish(lease);
  EXPECT_EQ(c.leased(), 0u);
  EXPECT_FALSE(c.finish(kNoNdpiLease).known());
  c.cancel(kNoNdpiLease);
}

TEST(Ndpi, WhoHasHeldALeaseForLongest) {
  SKIP_WITHOUT_NDPI();
  NdpiClassifier c({.max_leases = 3});
  std::vector<NdpiLease> held;
  for (uint32_t i = 1; i <= 3; i++) held.push_back(c.lease(false, i));
  EXPECT_EQ(c.longest_held(), 1u);
  c.cancel(held[1]);
  EXPECT_EQ(c.longest_held(), 1u);
  c.cancel(held[0]);
  EXPECT_EQ(c.longest_held(), 3u);
  const NdpiLease again = c.lease(false, 4);
  EXPECT_EQ(c.longest_held(), 3u);
  c.cancel(held[2]);
  EXPECT_EQ(c.longest_held(), 4u);
  c.cancel(again);
  EXPECT_EQ(c.lease(false, 5), again);
  EXPECT_EQ(c.longest_held(), 5u);
}

// nDPI would label a peer's second connection from its cache of BitTorrent peers. The order of connections, hence the number of
// workers, must not matter.
TEST(Ndpi, ConnectionsDoNotInfluenceEachOther) {
  SKIP_WITHOUT_NDPI();
  const std::string handshake = std::string("\x13") + "BitTorrent protocol" + std::string(8, '\0') + std::string(40, 'x');
  const FiveTuple first = five_tuple(ipproto::kTcp, "10.0.0.1", 40000, "10.0.0.2", 41000);
  EXPECT_EQ(app_name(classify(classifier(), first, {handshake, handshake})), "BitTorrent");
  FiveTuple second = first;
  second.src_port = 40001;
  const AppLabel l = classify(classifier(), second, std::vector<std::string>(8, "\x01\x02\x03 nothing anybody knows"));
  EXPECT_FALSE(l.known()) << app_name(l) << ", " << app_confidence_name(l);
}

TEST(Ndpi, SurvivesAnyPayloadLength) {
  SKIP_WITHOUT_NDPI();
  const std::string huge(70000, 'A');
  for (size_t n : {size_t{0}, size_t{1}, size_t{2}, size_t{8}, size_t{16384}, size_t{16385}, huge.size()}) {
    const NdpiLease lease = classifier().lease(false, 1);
    (void)classifier().feed(lease, decoded_packet(kTls, as_bytes(huge).first(n)));
    (void)classifier().feed(lease, decoded_packet(reversed(kTls), as_bytes(huge).first(n)));
    (void)classifier().finish(lease);
  }
  EXPECT_EQ(classifier().leased(), 0u);
}

TEST(Ndpi, OtherTransportsAreNotSearched) {
  SKIP_WITHOUT_NDPI();
  const NdpiLease lease = classifier().lease(false, 1);
  EXPECT_TRUE(classifier().feed(lease, decoded_packet(five_tuple(ipproto::kIcmp, "10.0.0.1", 8, "10.0.0.2", 0), {})));
  EXPECT_FALSE(classifier().finish(lease).known());
}

TEST(Ndpi, ServiceNamesOfDissectors) {
  EXPECT_EQ(confirmed_protocol("ssl"), ConfirmedProtocol::Tls);
  EXPECT_EQ(confirmed_protocol("dns"), ConfirmedProtocol::Dns);
  EXPECT_EQ(confirmed_protocol("modbus"), ConfirmedProtocol::Modbus);
  EXPECT_EQ(confirmed_protocol("ftp-data"), ConfirmedProtocol::FtpData);
  EXPECT_EQ(confirmed_protocol("krb_tcp"), ConfirmedProtocol::Kerberos);
  EXPECT_EQ(confirmed_protocol("smb"), std::nullopt) << "which version, its analyzer tells";
  EXPECT_EQ(confirmed_protocol("gssapi"), std::nullopt);
  EXPECT_EQ(confirmed_protocol("dnp3_udp"), ConfirmedProtocol::Dnp3);
  EXPECT_EQ(confirmed_protocol("kerberos"), ConfirmedProtocol::Kerberos) << "as the configuration names it";
  EXPECT_EQ(confirmed_protocol(""), std::nullopt);
}

TEST(Ndpi, WithoutNdpiNothingIsKnown) {
  if (NdpiClassifier::available()) GTEST_SKIP() << "built with nDPI";
  NdpiClassifier c;
  EXPECT_EQ(c.lease(true, 1), kNoNdpiLease);
  EXPECT_FALSE(c.confirmed(ConfirmedProtocol::Tls, "www.youtube.com", kTls).known());
  EXPECT_FALSE(c.guess(kSsh).known());
  EXPECT_EQ(app_name(AppLabel{.app = 7}), "");
}

}  // namespace
}  // namespace sensor
