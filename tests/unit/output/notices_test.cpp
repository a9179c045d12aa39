#include <gtest/gtest.h>

#include <optional>

#include "row_sink.h"
#include "sensor/record/arp.h"
#include "sensor/record/conn.h"
#include "sensor/record/refused.h"
#include "sensor/record/ssh.h"
#include "sensor/record/ssl.h"
#include "sensor/record/stats.h"
#include "sensor/record/unfilterable_link.h"
#include "sensor/record/weird.h"
#include "sensor/record/x509.h"
#include "src/output/expiring_map.h"
#include "src/output/notices/host_notices.h"
#include "src/output/notices/row_notices.h"
#include "src/output/notices/tls_notices.h"

namespace sensor {
namespace {

constexpr TimeNs kNow = 1'000'000 * kSecond;
constexpr DurationNs kDay = 24 * 60 * kMinute;

struct Notices : testing::Test, RowCollector {
  NoticeOptions options{.optional = OptionalLogs::Always};
  std::optional<NoticeLog> notices;

  void start() { notices.emplace(options, false, *this); }
  /// Of the notices that were raised since the last call.
  std::vector<std::string> kinds() { return take("note"); }
};
using Kinds = std::vector<std::string>;

constexpr uint32_t kClient = 0x0a000001, kServer = 0x0a000002, kFarAway = 0x08080808;

TEST(ExpiringMap, ForgetsByTimeAndWhenFull) {
  ExpiringMap<int> m(10, 2);
  m.get("a", 0) = 1;
  m.get("b", 5) = 2;
  EXPECT_EQ(m.get("a", 10), 1);
  EXPECT_EQ(m.find("a", 11), nullptr);
  EXPECT_EQ(*m.find("b", 11), 2);
  m.get("c", 12) = 3;
  m.get("d", 3) = 4;  // earlier: counts as 12
  EXPECT_EQ(m.find("b", 12), nullptr);
  EXPECT_EQ(m.size(), 2u);
  EXPECT_EQ(*m.find("d", 22), 4);
}

TEST(ExpiringMap, AnotherLifetimeIsThatOfTheOldKeysToo) {
  ExpiringMap<int> m(10, 4);
  m.get("a", 0) = 1;
  m.set_lifetime(5);
  m.get("b", 4) = 2;
  EXPECT_EQ(m.find("a", 6), nullptr);
  m.set_lifetime(100);
  EXPECT_EQ(*m.find("b", 104), 2);
  EXPECT_EQ(m.find("b", 105), nullptr);
}

TEST_F(Notices, OtherOptionsWhileTheyAreRaised) {
  options.optional = OptionalLogs::Never;
  start();
  EXPECT_FALSE(notices->wants(NoticeKind::SslWeakKey));
  EXPECT_FALSE(notices->optional_ones());
  options.optional = OptionalLogs::Always;
  options.ignore = "Weird::Activity";
  notices->set_options(options);
  EXPECT_TRUE(notices->wants(NoticeKind::SslWeakKey));
  EXPECT_TRUE(notices->optional_ones());
  EXPECT_FALSE(notices->wants(NoticeKind::WeirdActivity));
  notices->raise(NoticeKind::SslWeakKey, kNow, "a", NoticeRecord{});
  options.suppress_ns = 5 * kMinute;
  notices->set_options(options);
  notices->raise(NoticeKind::SslWeakKey, kNow + kMinute, "a", NoticeRecord{});
  EXPECT_EQ(rows.size(), 1u) << "what was told is remembered";
}

TEST_F(Notices, WhatIsRaised) {
  start();
  NoticeRecord n;
  n.msg = "something";
  notices->raise(NoticeKind::WeirdActivity, kNow, {}, n);
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].at("ts"), "1000000.000000");
  EXPECT_EQ(rows[0].at("note"), "Weird::Activity");
  EXPECT_EQ(rows[0].at("uid"), "-");
  EXPECT_EQ(rows[0].at("proto"), "-");
  EXPECT_EQ(rows[0].at("actions"), "Notice::ACTION_LOG");
  EXPECT_EQ(rows[0].at("email_dest"), "(empty)");
  EXPECT_EQ(rows[0].at("suppress_for"), "3600.000000");
  EXPECT_EQ(rows[0].at("peer_descr"), "-");
  EXPECT_EQ(rows[0].at("severity"), "low");
}

TEST_F(Notices, TheSameIsToldOnceInAWhile) {
  start();
  const auto raise = [&](NoticeKind kind, TimeNs t, const std::string& identifier) {
    notices->raise(kind, t, identifier, NoticeRecord{});
    return kinds().size();
  };
  EXPECT_EQ(raise(NoticeKind::ScanPortScan, kNow, "a"), 1u);
  EXPECT_EQ(raise(NoticeKind::ScanPortScan, kNow + 60 * kMinute, "a"), 0u);
  EXPECT_EQ(raise(NoticeKind::ScanPortScan, kNow + 60 * kMinute, "b"), 1u);
  EXPECT_EQ(raise(NoticeKind::ScanAddressScan, kNow + 60 * kMinute, "a"), 1u) << "another kind";
  EXPECT_EQ(raise(NoticeKind::ScanPortScan, kNow + 60 * kMinute + 1, "a"), 1u);
  EXPECT_EQ(raise(NoticeKind::SslWeakKey, kNow + kDay, "a"), 1u);
  EXPECT_EQ(raise(NoticeKind::SslWeakKey, kNow + 2 * kDay, "a"), 0u) << "a day";
  EXPECT_EQ(raise(NoticeKind::CaptureLossTooMuchLoss, kNow + kDay, {}), 1u);
  EXPECT_EQ(raise(NoticeKind::CaptureLossTooMuchLoss, kNow + kDay, {}), 1u) << "no identifier: never the same";
}

TEST_F(Notices, OptionalAndIgnoredOnes) {
  options = {};
  start();
  EXPECT_FALSE(notices->wants(NoticeKind::ScanPortScan)) << "a replay";
  EXPECT_TRUE(notices->wants(NoticeKind::WeirdActivity));
  EXPECT_TRUE(NoticeLog(options, true, *this).wants(NoticeKind::ScanPortScan));
  options.ignore = "Weird::Activity, Scan::Port_Scan";
  EXPECT_TRUE(check_notice_names(options.ignore).ok());
  EXPECT_FALSE(NoticeLog(options, true, *this).wants(NoticeKind::ScanPortScan));
  EXPECT_FALSE(NoticeLog(options, true, *this).wants(NoticeKind::WeirdActivity));
  EXPECT_TRUE(NoticeLog(options, true, *this).wants(NoticeKind::ScanAddressScan));
  options.optional = OptionalLogs::Never;
  EXPECT_FALSE(NoticeLog(options, true, *this).wants(NoticeKind::ScanAddressScan));
  EXPECT_FALSE(check_notice_names("Scan::Port").ok());
  EXPECT_TRUE(check_notice_names("").ok());
}

TEST_F(Notices, LongTextsAreCut) {
  start();
  NoticeRecord n;
  n.msg = std::string(100'000, 'x');
  n.sub = n.file_desc = n.msg;
  notices->raise(NoticeKind::WeirdActivity, kNow, {}, n);
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].at("msg").size(), 4096u);
}

struct TlsNotice : Notices {
  std::optional<CertificateMemory> certificates;
  std::optional<TlsNotices> tls;

  void start_tls() {
    start();
    certificates.emplace(watch);
    tls.emplace(options, *notices, *certificates, watch);
  }
  static X509Record certificate(std::string fingerprint, TimeNs from, TimeNs to, std::string issuer = "CN=CA") {
    X509Record r;
    r.fingerprint = std::move(fingerprint);
    r.subject = "CN=host";
    r.issuer = std::move(issuer);
    r.not_valid_before = {from / kMicrosecond};
    r.not_valid_after = {to / kMicrosecond};
    r.key_type = "rsa";
    r.key_length = 2048;
    return r;
  }
  static SslRecord handshake(std::string version, std::string cipher, std::string fingerprint = {}, uint32_t server = kServer) {
    auto r = between<SslRecord>(kClient, server, 443);
    r.version = std::move(version);
    r.cipher = std::move(cipher);
    r.established = true;
    if (!fingerprint.empty()) r.cert_chain_fps = {{std::move(fingerprint), "other"}};
    r.cert_fuid = {1, 2, 'F'};
    return r;
  }
};
constexpr const char* kGoodCipher = "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256";

TEST_F(TlsNotice, Certificates) {
  start_tls();
  see(kNow, certificate("good", kNow - kDay, kNow + 31 * kDay));
  see(kNow, certificate("soon", kNow - kDay, kNow + 29 * kDay));
  see(kNow, certificate("old", kNow - 2 * kDay, kNow - kDay), false);
  see(kNow, certificate("young", kNow + kDay, kNow + 99 * kDay));
  see(kNow, certificate("own", kNow - kDay, kNow + 99 * kDay, "CN=host"));
  const auto kinds_of = [&](const char* fingerprint) {
    see(kNow, handshake("TLSv12", kGoodCipher, fingerprint));
    return kinds();
  };
  EXPECT_EQ(kinds_of("good"), Kinds{});
  EXPECT_EQ(kinds_of("not seen"), Kinds{});
  EXPECT_EQ(kinds_of("soon"), Kinds{"SSL::Certificate_Expires_Soon"});
  EXPECT_EQ(kinds_of("old"), (Kinds{"SSL::Certificate_Expired", "SSL::Invalid_Server_Cert"})) << "known from another handshake";
  EXPECT_EQ(kinds_of("young"), (Kinds{"SSL::Certificate_Not_Valid_Yet", "SSL::Invalid_Server_Cert"}));
  EXPECT_EQ(kinds_of("own"), Kinds{"SSL::Invalid_Server_Cert"});
  EXPECT_EQ(kinds_of("own"), Kinds{}) << "told already";
}

TEST_F(TlsNotice, TheRowOfACertificate) {
  start_tls();
  see(kNow, certificate("old", 0, 1'388'534'399 * kSecond));
  see(1'400'000'000 * kSecond, handshake("TLSv12", kGoodCipher, "old"));
  ASSERT_EQ(rows.size(), 0u) << "forgotten after a day";
  see(1'400'000'000 * kSecond, certificate("old", 0, 1'388'534'399 * kSecond));
  see(1'400'000'000 * kSecond, handshake("TLSv12", kGoodCipher, "old"));
  ASSERT_EQ(rows.size(), 2u);
  const std::pair<const char*, std::string> expected[] = {{"uid", to_string({7, 7, 'C'})},
                                                          {"id.orig_h", "10.0.0.1"},
                                                          {"id.resp_p", "443"},
                                                          {"fuid", to_string({1, 2, 'F'})},
                                                          {"proto", "tcp"},
                                                          {"msg", "Certificate CN=host expired at 2013-12-31-23:59:59.000000000"},
                                                          {"src", "10.0.0.1"},
                                                          {"dst", "10.0.0.2"},
                                                          {"p", "443"},
                                                          {"suppress_for", "86400.000000"},
                                                          {"severity", "medium"}};
  for (const auto& [column, value] : expected) EXPECT_EQ(rows[0].at(column), value) << column;
  EXPECT_NE(rows[0].at("community_id"), "-");
  EXPECT_EQ(rows[1].at("msg"), "SSL certificate validation failed with (certificate has expired)");
  EXPECT_EQ(rows[1].at("sub"), "CN=host");
}

TEST_F(TlsNotice, OnlyWhatWasEstablished) {
  start_tls();
  see(kNow, certificate("own", 0, 1, "CN=host"));
  SslRecord r = handshake("TLSv12", kGoodCipher, "own");
  r.established = false;
  see(kNow, r);
  EXPECT_EQ(kinds(), Kinds{});
}

TEST_F(TlsNotice, WhoseServers) {
  start_tls();
  see(kNow, certificate("old", 0, 1));
  see(kNow, handshake("SSLv3", "TLS_RSA_WITH_RC4_128_SHA", "old", kFarAway));
  EXPECT_EQ(kinds(), Kinds{"SSL::Invalid_Server_Cert"}) << "of all servers";
  EXPECT_TRUE(matches(HostChoice::Remote, IpAddress::v4(kFarAway)));
  EXPECT_FALSE(matches(HostChoice::Local, IpAddress::v4(kFarAway)));
  EXPECT_TRUE(matches(HostChoice::All, IpAddress::v4(kFarAway)));
  EXPECT_FALSE(matches(HostChoice::None, IpAddress::v4(kClient)));
}

TEST_F(TlsNotice, OldVersionsWeakCiphersShortKeys) {
  start_tls();
  see(kNow, handshake("SSLv3", "TLS_RSA_WITH_RC4_128_SHA"));
  EXPECT_EQ(kinds(), (Kinds{"SSL::Old_Version", "SSL::Weak_Cipher"}));
  see(kNow, handshake("TLSv10", "TLS_RSA_EXPORT_WITH_DES40_CBC_SHA"));
  EXPECT_EQ(kinds(), Kinds{"SSL::Weak_Cipher"}) << "TLS 1.0 is not old by default";
  X509Record small = certificate("small", kNow - kDay, kNow + 99 * kDay);
  small.key_length = 1024;
  see(kNow, small);
  X509Record curve = certificate("curve", kNow - kDay, kNow + 99 * kDay);
  curve.key_type = "ecdsa";
  curve.key_length = 256;
  see(kNow, curve);
  see(kNow, handshake("TLSv12", kGoodCipher, "small"));
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].at("note"), "SSL::Weak_Key");
  EXPECT_EQ(rows[0].at("sub"), "Subject: CN=host");
  EXPECT_EQ(rows[0].at("file_desc"), "Fingerprint: small");
  rows.clear();
  see(kNow, handshake("TLSv12", kGoodCipher, "curve"));
  EXPECT_EQ(kinds(), Kinds{});
}

TEST_F(TlsNotice, TheMinimumCanBeRaised) {
  options.minimum_tls = MinimumTls::Tls12;
  start_tls();
  see(kNow, handshake("TLSv12", kGoodCipher));
  see(kNow, handshake("DTLSv12", kGoodCipher));
  see(kNow, handshake("TLSv13", kGoodCipher));
  see(kNow, handshake("TLSv13-draft28", kGoodCipher));
  EXPECT_EQ(kinds(), Kinds{});
  see(kNow, handshake("DTLSv10", kGoodCipher));
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].at("msg"), "Host uses protocol version DTLSv10 which is lower than the safe minimum TLSv12");
}

struct HostNotice : Notices {
  std::optional<SshGuessing> ssh;
  std::optional<ScanNotices> scans;

  void start_hosts() {
    start();
    ssh.emplace(options, *notices, watch);
    scans.emplace(options, *notices, watch);
  }
  void login(TimeNs t, std::optional<bool> success, uint32_t client = kClient) {
    auto r = between<SshRecord>(client, kServer, 22);
    r.auth_success = success;
    see(t, r);
  }
  void connection(TimeNs t, uint32_t server, uint16_t port, std::string_view state, std::string history, uint64_t protocol = 6) {
    auto r = between<ConnRecord>(kClient, server, port);
    r.ip_protocol = protocol;
    r.conn_state = state;
    r.history = std::move(history);
    see(t, r);
  }
};

TEST_F(HostNotice, ThirtyFailedLogins) {
  start_hosts();
  for (int i = 0; i < 29; i++) login(kNow + i, false);
  login(kNow, true);
  login(kNow, std::nullopt);
  login(kNow, false, kServer);
  EXPECT_EQ(kinds(), Kinds{});
  login(kNow + 30 * kMinute, false);
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].at("note"), "SSH::Password_Guessing");
  EXPECT_EQ(rows[0].at("msg"), "10.0.0.1 appears to be guessing SSH passwords (seen in 30 connections).");
  EXPECT_EQ(rows[0].at("sub"), "Sampled servers:  10.0.0.2, 10.0.0.2, 10.0.0.2, 10.0.0.2, 10.0.0.2");
  EXPECT_EQ(rows[0].at("src"), "10.0.0.1");
  EXPECT_EQ(rows[0].at("severity"), "high");
}

TEST_F(HostNotice, FailedLoginsAreForgotten) {
  start_hosts();
  for (int i = 0; i < 29; i++) login(kNow, false);
  login(kNow + 30 * kMinute + 1, false);
  EXPECT_EQ(kinds(), Kinds{});
}

TEST_F(HostNotice, AddressScan) {
  start_hosts();
  for (uint32_t i = 0; i < 24; i++) connection(kNow + i * kSecond, kServer + i, 445, "S0", "S");
  connection(kNow, kServer, 445, "S0", "S");
  connection(kNow, kServer + 24, 446, "S0", "S");
  EXPECT_EQ(kinds(), Kinds{});
  connection(kNow + 65 * kSecond, kServer + 24, 445, "REJ", "Sr");
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].at("note"), "Scan::Address_Scan");
  EXPECT_EQ(rows[0].at("msg"), "10.0.0.1 scanned at least 25 unique hosts on port 445/tcp in 1m5s");
  EXPECT_EQ(rows[0].at("sub"), "local");
  EXPECT_EQ(rows[0].at("p"), "445");
  EXPECT_EQ(rows[0].at("proto"), "tcp");
  EXPECT_EQ(rows[0].at("id.orig_h"), "-");
  connection(kNow + 66 * kSecond, kServer + 25, 445, "REJ", "Sr");
  EXPECT_EQ(rows.size(), 1u);
}

TEST_F(HostNotice, PortScan) {
  start_hosts();
  for (uint16_t i = 0; i < 15; i++) connection(kNow, kServer, i, "RSTO", "ShR");
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].at("note"), "Scan::Port_Scan");
  EXPECT_EQ(rows[0].at("msg"), "10.0.0.1 scanned at least 15 unique ports of host 10.0.0.2 in 0m0s");
  EXPECT_EQ(rows[0].at("dst"), "10.0.0.2");
}

TEST_F(HostNotice, RefusedConnectionsDoNotWaitForTheirRows) {
  start_hosts();
  const auto refused = [this](TimeNs t, uint16_t port, std::string_view state, std::string_view history) {
    see(t, RefusedRecord{IpAddress::v4(kClient), IpAddress::v4(kServer), {port}, state, history});
  };
  for (uint16_t i = 0; i < 14; i++) {
    refused(kNow, i, "REJ", "Sr");
    connection(kNow + 5 * kSecond, kServer, i, "REJ", "Sr");  // the same
  }
  refused(kNow + 5 * kSecond, 14, "RSTR", "ShAr");
  EXPECT_EQ(kinds(), Kinds{});
  refused(kNow + 6 * kSecond, 14, "RSTO", "ShR");
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].at("ts"), "1000006.000000");
  EXPECT_EQ(rows[0].at("msg"), "10.0.0.1 scanned at least 15 unique ports of host 10.0.0.2 in 0m6s");
}

TEST_F(HostNotice, WhatIsNoScan) {
  start_hosts();
  for (uint16_t i = 0; i < 30; i++) {
    connection(kNow, kServer, i, "SF", "ShADadfF");
    connection(kNow, kServer, i, "RSTO", "ShADaR");
    connection(kNow, kServer, i, "S0", "D", 17);
    connection(kNow + i * kMinute, kServer, i, "S0", "S");
  }
  EXPECT_EQ(kinds(), Kinds{}) << "one a minute is too slow";
}

TEST_F(HostNotice, ManyScannersTakeLimitedMemory) {
  options.scan_ports = 2;
  start_hosts();
  connection(kNow, kServer, 1, "S0", "S");
  for (uint32_t i = 1; i <= ScanNotices::kCapacity; i++) connection(kNow, kServer + i, 1, "S0", "S");
  rows.clear();
  connection(kNow, kServer, 2, "S0", "S");
  EXPECT_EQ(kinds(), Kinds{}) << "forgotten";
  connection(kNow, kServer + ScanNotices::kCapacity, 2, "S0", "S");
  EXPECT_EQ(kinds(), Kinds{"Scan::Port_Scan"});
}

struct RowNotice : Notices {
  void start_rows() {
    start();
    watch_rows(options, *notices, watch);
  }
};

TEST_F(RowNotice, LinkTypesThatCannotBeFiltered) {
  options.optional = OptionalLogs::Live;
  start_rows();
  see(0, UnfilterableLinkRecord{195});
  ASSERT_EQ(rows.size(), 1u) << "not one of the optional ones: in replays, too";
  EXPECT_EQ(rows[0].at("ts"), "0.000000");
  EXPECT_EQ(rows[0].at("note"), "PacketFilter::Install_Failure");
  EXPECT_EQ(rows[0].at("msg"), "Installing packet filter failed");
  EXPECT_EQ(rows[0].at("sub"), "ip or not ip");
  EXPECT_EQ(rows[0].at("src"), "-");
  EXPECT_EQ(rows[0].at("suppress_for"), "3600.000000");
  rows.clear();
  see(kSecond, UnfilterableLinkRecord{195});
  EXPECT_EQ(kinds(), Kinds{});
  see(kSecond, UnfilterableLinkRecord{227});
  EXPECT_EQ(kinds(), Kinds{"PacketFilter::Install_Failure"}) << "another link type";
}

TEST_F(RowNotice, Weirds) {
  start_rows();
  WeirdRecord r;
  r.name = "SYN_after_partial";
  r.uid = {1, 0, 'C'};
  r.orig_h = IpAddress::v4(kClient);
  r.resp_h = IpAddress::v4(kServer);
  r.orig_p = r.resp_p = Port{80};
  r.ip_protocol = 6;
  see(kNow, r);
  EXPECT_EQ(kinds(), Kinds{});
  r.notice = true;
  see(kNow, r, false);
  EXPECT_EQ(kinds(), Kinds{});
  see(kNow, r);
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].at("note"), "Weird::Activity");
  EXPECT_EQ(rows[0].at("msg"), "SYN_after_partial");
  EXPECT_EQ(rows[0].at("sub"), "-");
  EXPECT_EQ(rows[0].at("src"), "10.0.0.1");
}

TEST_F(RowNotice, ArpChanges) {
  start_rows();
  ArpRecord r;
  r.operation = "reply";
  r.sender = IpAddress::v4(kServer);
  r.sender_mac = "02:00:00:00:00:02";
  r.claim = "new";
  see(kNow, r);
  EXPECT_EQ(kinds(), Kinds{});
  r.claim = "changed";
  r.previous_mac = "02:00:00:00:00:01";
  r.vlan = 5;
  see(kNow, r);
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].at("note"), "ARP::Address_Change");
  EXPECT_EQ(rows[0].at("msg"), "10.0.0.2 changed its hardware address from 02:00:00:00:00:01 to 02:00:00:00:00:02");
  EXPECT_EQ(rows[0].at("sub"), "VLAN 5");
  rows.clear();
  see(kNow + kMinute, r);
  EXPECT_EQ(kinds(), Kinds{});
  r.vlan = 6;
  see(kNow + kMinute, r);
  EXPECT_EQ(kinds(), Kinds{"ARP::Address_Change"});
}

TEST_F(RowNotice, CaptureLoss) {
  start_rows();
  const auto interval = [&](DurationNs length, uint64_t gaps, uint64_t acks) {
    CaptureLossRecord r;
    r.ts_delta = {length};
    r.gaps = gaps;
    r.acks = acks;
    if (acks != 0) r.percent_lost = 100 * static_cast<double>(gaps) / static_cast<double>(acks);
    see(kNow, r);
    return kinds();
  };
  EXPECT_EQ(interval(kMinute, 9, 100), Kinds{});
  EXPECT_EQ(interval(kSecond, 10, 100), Kinds{"CaptureLoss::Too_Much_Loss"});
  EXPECT_EQ(interval(kSecond, 10, 100), Kinds{"CaptureLoss::Too_Much_Loss"});
  EXPECT_EQ(interval(kMinute, 0, 0), Kinds{"CaptureLoss::Too_Little_Traffic"});
  EXPECT_EQ(interval(kMinute - 1, 0, 0), Kinds{}) << "too short to tell";
}

TEST_F(RowNotice, DroppedPackets) {
  start_rows();
  StatsRecord r;
  r.pkts_proc = 90;
  see(kNow, r);
  r.pkts_dropped = 0;
  see(kNow, r);
  EXPECT_EQ(kinds(), Kinds{});
  r.pkts_dropped = 10;
  r.pkts_link = 100;
  see(kNow, r);
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].at("msg"), "10 packets dropped after filtering, 100 received, 100 on link");
}

}  // namespace
}  // namespace sensor
