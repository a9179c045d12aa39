#include "src/output/assets/assets.h"

#include <gtest/gtest.h>

#include <optional>

#include "row_sink.h"
#include "sensor/record/conn.h"
#include "sensor/record/ftp.h"
#include "sensor/record/http.h"
#include "sensor/record/mysql.h"
#include "sensor/record/smtp.h"
#include "sensor/record/ssh.h"
#include "sensor/record/ssl.h"
#include "sensor/record/x509.h"
#include "src/output/assets/software_version.h"

namespace sensor {
namespace {

constexpr TimeNs kNow = 2'000'000 * kSecond;
constexpr DurationNs kDay = 24 * 60 * kMinute;
constexpr uint32_t kClient = 0x0a000001, kServer = 0x0a000002, kFarAway = 0x08080808;
using Texts = std::vector<std::string>;

struct Assets : testing::Test, RowCollector {
  AssetOptions options;
  std::optional<CertificateMemory> certificates;
  std::optional<KnownAssets> known;
  std::optional<SoftwareFinder> software;

  void start() {
    certificates.emplace(watch);
    known.emplace(options, *certificates, *this, watch);
    software.emplace(options, *this, watch);
  }
  static ConnRecord conn(std::string_view state, std::string history, std::optional<std::string> service = {}, uint16_t port = 80) {
    auto r = between<ConnRecord>(kClient, kServer, port);
    r.conn_state = state;
    r.history = std::move(history);
    r.service = std::move(service);
    return r;
  }
  /// "log host" of the rows since the last call.
  Texts told() {
    Texts out;
    for (const Row& r : rows) out.push_back(r.at("log") + " " + r.at("host"));
    rows.clear();
    return out;
  }
};

TEST_F(Assets, HostsOfEstablishedConnectionsOnceADay) {
  start();
  see(kNow, conn("S0", "S"));
  see(kNow, conn("REJ", "Sr"));
  EXPECT_EQ(told(), Texts{});
  see(kNow, conn("SF", "ShADadfF", "ftp-data"));
  EXPECT_EQ(told(), (Texts{"known_hosts 10.0.0.1", "known_hosts 10.0.0.2"}));
  see(kNow + kDay, conn("SF", "ShADadfF", "ftp-data"));
  EXPECT_EQ(told(), Texts{});
  see(kNow + kDay + 1, conn("S1", "ShADad", "ftp-data"));
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0].at("ts"), "1000000.000000") << "the connection's start";
}

TEST_F(Assets, OnlyTheHostsThatAreWanted) {
  start();
  auto r = conn("SF", "ShADadfF", "http");
  r.resp_h = IpAddress::v4(kFarAway);
  see(kNow, r);
  EXPECT_EQ(told(), Texts{"known_hosts 10.0.0.1"});
  AssetOptions remote{.hosts = HostChoice::Remote};
  WatchList other;
  KnownAssets of_others(remote, *certificates, *this, other);
  watch = other;
  see(kNow, r);
  EXPECT_EQ(told(), (Texts{"known_hosts 8.8.8.8", "known_services 8.8.8.8"}));
}

TEST_F(Assets, Services) {
  start();
  const auto service = [&](const ConnRecord& r) {
    see(kNow, r);
    Texts out;
    for (const Row& row : rows)
      if (row.at("log") == "known_services") out.push_back(row.at("port_num") + "/" + row.at("port_proto") + " " + row.at("service"));
    rows.clear();
    return out;
  };
  EXPECT_EQ(service(conn("SF", "ShADadfF", "http")), Texts{"80/tcp HTTP"});
  EXPECT_EQ(service(conn("SF", "ShADadfF", "http")), Texts{});
  EXPECT_EQ(service(conn("SF", "ShADadfF", "http,websocket")), Texts{"80/tcp WEBSOCKET"}) << "what is new";
  EXPECT_EQ(service(conn("SF", "ShADadfF")), Texts{"80/tcp (empty)"});
  EXPECT_EQ(service(conn("SF", "ShADadfF")), Texts{});
  EXPECT_EQ(service(conn("S0", "S", {}, 81)), Texts{});
  EXPECT_EQ(service(conn("REJ", "Sr", {}, 81)), Texts{});
  EXPECT_EQ(service(conn("SHR", "h", {}, 81)), Texts{"81/tcp (empty)"});
  EXPECT_EQ(service(conn("SF", "ShADadfF", "ftp-data", 20)), Texts{});
  auto udp = conn("S0", "D", "dns", 53);
  udp.ip_protocol = 17;
  EXPECT_EQ(service(udp), Texts{});
  udp.resp_pkts = 1;
  EXPECT_EQ(service(udp), Texts{}) << "no answer with content";
  udp.resp_bytes = 100;
  EXPECT_EQ(service(udp), Texts{"53/udp DNS"});
  auto icmp = conn("OTH", "", {}, 0);
  icmp.ip_protocol = 1;
  EXPECT_EQ(service(icmp), Texts{});
}

TEST_F(Assets, Certificates) {
  start();
  X509Record c;
  c.fingerprint = "f";
  c.subject = "CN=host";
  c.issuer = "CN=CA";
  c.serial = "0A";
  auto r = between<SslRecord>(kClient, kServer, 443);
  r.cert_chain_fps = {{"f"}};
  see(kNow, r);
  see(kNow, c, false);
  see(kNow, r);
  EXPECT_EQ(told(), Texts{}) << "not established";
  r.established = true;
  see(kNow, r);
  ASSERT_EQ(rows.size(), 1u);
  const std::pair<const char*, const char*> expected[] = {{"ts", "2000000.000000"}, {"host", "10.0.0.2"},        {"port_num", "443"},
                                                          {"subject", "CN=host"},   {"issuer_subject", "CN=CA"}, {"serial", "0A"}};
  for (const auto& [column, value] : expected) EXPECT_EQ(rows[0].at(column), value) << column;
  rows.clear();
  r.resp_p = Port{444};
  see(kNow, r);
  EXPECT_EQ(told(), Texts{}) << "the same host";
}

TEST_F(Assets, SoftwareOfHttp) {
  start();
  auto r = between<HttpRecord>(kClient, kServer, 8080);
  r.user_agent = "curl/7.88.1";
  r.server = "Apache/2.4.57 (Debian)";
  r.powered_by = "PHP/8.2.7";
  see(kNow, r);
  ASSERT_EQ(rows.size(), 3u);
  EXPECT_EQ(rows[0].at("software_type"), "HTTP::BROWSER");
  EXPECT_EQ(rows[0].at("host"), "10.0.0.1");
  EXPECT_EQ(rows[0].at("host_p"), "-");
  EXPECT_EQ(rows[0].at("name"), "curl");
  EXPECT_EQ(rows[1].at("software_type"), "HTTP::SERVER");
  EXPECT_EQ(rows[1].at("host_p"), "8080");
  EXPECT_EQ(rows[1].at("version.minor2"), "57");
  EXPECT_EQ(rows[1].at("version.minor3"), "-");
  EXPECT_EQ(rows[1].at("version.addl"), "Debian");
  EXPECT_EQ(rows[1].at("unparsed_version"), "Apache/2.4.57 (Debian)");
  EXPECT_EQ(rows[2].at("software_type"), "HTTP::APPSERVER");
  rows.clear();
  see(kNow + kDay, r);
  EXPECT_EQ(rows.size(), 0u);
  r.user_agent = std::string(2'000, 'x');
  see(kNow, r);
  EXPECT_EQ(take("unparsed_version"), Texts{std::string(512, 'x')});
}

TEST_F(Assets, SoftwareOfFtpAndMysql) {
  start();
  auto ftp = between<FtpRecord>(kClient, kServer, 21);
  ftp.client = "FileZilla 3.63.0";
  see(kNow, ftp);
  auto mysql = between<MysqlRecord>(kClient, kServer, 3306);
  see(kNow, mysql);
  mysql.server = "8.0.36-0ubuntu0.22.04.1";
  see(kNow, mysql);
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0].at("software_type"), "FTP::CLIENT");
  EXPECT_EQ(rows[0].at("host"), "10.0.0.1");
  EXPECT_EQ(rows[0].at("unparsed_version"), "FileZilla 3.63.0");
  EXPECT_EQ(rows[1].at("software_type"), "MySQL::SERVER");
  EXPECT_EQ(rows[1].at("host"), "10.0.0.2");
  EXPECT_EQ(rows[1].at("host_p"), "-");
  EXPECT_EQ(rows[1].at("unparsed_version"), "8.0.36-0ubuntu0.22.04.1");
}

TEST_F(Assets, SoftwareOfSsh) {
  start();
  auto r = between<SshRecord>(kClient, kServer, 22);
  r.client = "SSH-2.0-PuTTY_Release_0.78";
  r.server = "SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3";
  see(kNow, r);
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0].at("software_type"), "SSH::CLIENT");
  EXPECT_EQ(rows[0].at("unparsed_version"), "PuTTY_Release_0.78");
  EXPECT_EQ(rows[1].at("software_type"), "SSH::SERVER");
  EXPECT_EQ(rows[1].at("name"), "OpenSSH");
  EXPECT_EQ(rows[1].at("version.major"), "9");
  EXPECT_EQ(rows[1].at("version.addl"), "p1");
}

TEST_F(Assets, SoftwareOfMail) {
  start();
  auto r = between<SmtpRecord>(kClient, kServer, 25);
  r.user_agent = "Mutt/2.2.9 (2022-11-12)";
  r.path = {IpAddress::v4(kServer), IpAddress::v4(kClient), IpAddress::v4(0x0a000003)};
  see(kNow, r);
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].at("software_type"), "SMTP::MAIL_CLIENT");
  EXPECT_EQ(rows[0].at("host"), "10.0.0.3");
  rows.clear();
  r.user_agent = "SquirrelMail/1.4.23";
  r.first_received = "from x via HTTP";
  see(kNow, r);
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].at("software_type"), "SMTP::WEBMAIL_SERVER");
  EXPECT_EQ(rows[0].at("host"), "10.0.0.1");
  rows.clear();
  r.orig_h = IpAddress::v4(kFarAway);
  r.user_agent = "Other/1.0";
  see(kNow, r);
  r.path.clear();
  see(kNow, r);
  EXPECT_EQ(rows.size(), 0u);
}

/// "name|major|minor|minor2|minor3|addl", what is missing left empty.
std::string parsed(std::string_view text) {
  const SoftwareVersion v = parse_software(text);
  std::string out = v.name;
  for (const auto& n : {v.major, v.minor, v.minor2, v.minor3}) out += "|" + (n ? std::to_string(*n) : std::string());
  return out + "|" + v.addl.value_or("");
}

TEST(Software, NamesAndNumbers) {
  EXPECT_EQ(parsed("nginx"), "nginx|||||");
  EXPECT_EQ(parsed("nginx/1.22.1"), "nginx|1|22|1||");
  EXPECT_EQ(parsed("OpenSSH_9.2p1 Debian-2+deb12u3"), "OpenSSH|9|2|||p1");
  EXPECT_EQ(parsed("dropbear_2022.83"), "dropbear|2022|83|||");
  EXPECT_EQ(parsed("Apache/2.4.57 (Debian)"), "Apache|2|4|57||Debian");
  EXPECT_EQ(parsed("(vsftpd 3.0.3)"), "vsftpd|3|0|3||");
  EXPECT_EQ(parsed("Player (v12.34.5) Personal"), "Player|12|34|5||Personal");
  EXPECT_EQ(parsed("a/1.2.3.4.5"), "a|1|2|3|4|");
  EXPECT_EQ(parsed("My%20Player/26.0"), "My Player|26|0|||");
  EXPECT_EQ(parsed("libwww-perl/6.68"), "libwww-perl|6|68|||");
  EXPECT_EQ(parsed("big/99999999999999999999999.1"), "big|0|1|||");
  EXPECT_EQ(parsed(""), "|||||");
}

TEST(Software, Browsers) {
  const std::string mac = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) ";
  EXPECT_EQ(parsed(mac + "Chrome/120.0.6099.71 Safari/537.36"), "Chrome|120|0|6099|71|");
  EXPECT_EQ(parsed(mac + "Version/17.1 Safari/605.1.15"), "Safari|17|1|||");
  EXPECT_EQ(parsed(mac + "Version/17.1 Mobile/15E148 Safari/604.1"), "Safari|17|1|||Mobile");
  EXPECT_EQ(parsed(mac + "Chrome/52.0.2743.116 Safari/537.36 Edge/15.15063"), "Edge|15|15063|||");
  EXPECT_EQ(parsed(mac), "Unspecified WebKit|537|36|||");
  EXPECT_EQ(parsed("Mozilla/5.0 (X11; Linux x86_64; rv:121.0) Gecko/20100101 Firefox/121.0"), "Firefox|121|0|||");
  EXPECT_EQ(parsed("Mozilla/5.0 (X11; Linux x86_64; rv:115.0) Gecko/20100101 Thunderbird/115.6.0"), "Thunderbird|115|6|0||");
  EXPECT_EQ(parsed("Mozilla/4.0 (compatible; MSIE 7.0; Windows NT 6.0; GTB5)"), "MSIE|7|0|||");
  EXPECT_EQ(parsed("Mozilla/4.0 (compatible; MSIE 7.0b; Windows NT 5.1)"), "MSIE|7|0|||b");
  EXPECT_EQ(parsed("Mozilla/5.0 (Windows NT 6.3; Trident/7.0; rv:11.0) like Gecko"), "MSIE|11|0|||");
  EXPECT_EQ(parsed("Opera/9.80 (X11; Linux x86_64) Presto/2.12.388 Version/12.16"), "Opera|12|16|||");
  EXPECT_EQ(parsed("Mozilla/4.0 (compatible; MSIE 8.0; Linux) Opera 11.00"), "Opera|11|0|||");
  EXPECT_EQ(parsed("Opera/9.80 (J2ME/MIDP; Opera Mini/5.0.18741/18.794; U; en) Presto/2.4.15"), "Opera Mini|5|0|18741||");
  EXPECT_EQ(parsed("A/13/Google/Pixel#7/panther/x"), "Android (Google Pixel)|13||||");
  EXPECT_EQ(parsed("A/8.1.0/Google/Pixel#2/walleye/x"), "Android (Google Pixel)|8|1|0||");
  EXPECT_EQ(parsed("Mozilla/5.0 (compatible)"), "<unknown browser>|||||");
}

/// Any text: nothing is read behind its end.
TEST(Software, EveryBeginning) {
  for (const std::string text : {"Mozilla/5.0 (a) AppleWebKit/5.3 Version/5.0.2 Mobile/8H7 Safari/6.5", "a (v1.2) \\x41%4", "x - (y) (z",
                                 "%", "\\x", "Opera/9.80 Opera Mini/1", "- /v( (v "})
    for (size_t n = 0; n <= text.size(); n++) (void)parse_software(std::string_view(text).substr(0, n));
}

}  // namespace
}  // namespace sensor
