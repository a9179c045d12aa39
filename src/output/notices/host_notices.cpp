#include "host_notices.h"

#include <fmt/format.h>

#include <algorithm>

#include "sensor/net/local_networks.h"
#include "sensor/record/conn.h"
#include "sensor/record/refused.h"

namespace sensor {
namespace {

constexpr uint64_t kTcp = 6;

std::string key_of(const IpAddress& a) {
  return std::string(as_chars(a.bytes16()));
}

/// As Zeek writes lengths of time in texts.
std::string minutes_and_seconds(DurationNs d) {
  return fmt::format("{}m{}s", d / kMinute, d % kMinute / kSecond);
}

std::string_view side_of(const IpAddress& a) {
  return is_local_address(a) ? "local" : "remote";
}

/// Whether a connection's responder did not answer, refused, or answered and was reset by the originator without any data.
bool failed(std::string_view state, std::string_view history) {
  if (state == "S0" || state == "REJ") return true;
  const bool no_data = history.find_first_of("Dd") == std::string_view::npos;
  return (state == "RSTO" || state == "RSTOS0") && no_data && history.find('S') != std::string_view::npos;
}

/// True when the target is the one that makes it a scan.
template <class Target>
bool completes_scan(std::vector<Target>& targets, const Target& target, uint64_t limit) {
  if (targets.size() >= limit || std::ranges::find(targets, target) != targets.end()) return false;
  targets.push_back(target);
  return targets.size() == limit;
}

}  // namespace

SshGuessing::SshGuessing(const NoticeOptions& options, NoticeLog& notices, WatchList& watch)
    : options_(options), notices_(notices), clients_(options.ssh_window_ns, kCapacity) {
  watch.add<SshRecord>([this](const SeenRecord& r) { see(r); });
}

void SshGuessing::see(const SeenRecord& r) {
  const Cell& success = r.cells[column<SshRecord>("auth_success")];
  if (!success.present || success.number != 0 || !notices_.wants(NoticeKind::SshPasswordGuessing)) return;
  clients_.set_lifetime(options_.ssh_window_ns);
  const IpAddress guesser = r.cells[column<SshRecord>("id.orig_h")].address();
  Client& client = clients_.get(key_of(guesser), r.due_ns);
  if (client.servers.size() < kSamples) client.servers.push_back(r.cells[column<SshRecord>("id.resp_h")].address());
  if (++client.failures != options_.ssh_guesses) return;
  NoticeRecord n;
  n.src = guesser;
  n.msg = fmt::format("{} appears to be guessing SSH passwords (seen in {} connections).", guesser.to_string(), client.failures);
  std::string sub = "Sampled servers: ";
  for (const IpAddress& server : client.servers) sub += (&server == &client.servers.front() ? " " : ", ") + server.to_string();
  n.sub = std::move(sub);
  notices_.raise(NoticeKind::SshPasswordGuessing, r.due_ns, guesser.to_string(), std::move(n));
}

ScanNotices::ScanNotices(const NoticeOptions& options, NoticeLog& notices, WatchList& watch)
    : options_(options), notices_(notices), addresses_(options.scan_window_ns, kCapacity), ports_(options.scan_window_ns, kCapacity) {
  watch.add<RefusedRecord>([this](const SeenRecord& r) { see<RefusedRecord>(r); });
  watch.add<ConnRecord>([this](const SeenRecord& r) {
    if (r.cells[column<ConnRecord>("id.ip_proto")].number == kTcp) see<ConnRecord>(r);
  });
}

/// The same connection is seen twice when it was refused: targets count once.
template <class Record>
void ScanNotices::see(const SeenRecord& r) {
  if (!notices_.wants(NoticeKind::ScanAddressScan) && !notices_.wants(NoticeKind::ScanPortScan)) return;
  if (!failed(r.cells[column<Record>("conn_state")].chars(), r.cells[column<Record>("history")].chars())) return;
  const IpAddress scanner = r.cells[column<Record>("id.orig_h")].address();
  const IpAddress host = r.cells[column<Record>("id.resp_h")].address();
  const auto port = static_cast<uint16_t>(r.cells[column<Record>("id.resp_p")].number);
  addresses_.set_lifetime(options_.scan_window_ns);
  ports_.set_lifetime(options_.scan_window_ns);
  count_host(scanner, host, port, r.due_ns);
  count_port(scanner, host, port, r.due_ns);
}

void ScanNotices::count_host(const IpAddress& scanner, const IpAddress& host, uint16_t port, TimeNs now) {
  Scan<IpAddress>& scan = addresses_.get(key_of(scanner) + static_cast<char>(port >> 8) + static_cast<char>(port), now);
  if (scan.targets.empty()) scan.begun_ns = now;
  if (!completes_scan(scan.targets, host, options_.scan_hosts)) return;
  NoticeRecord n;
  n.src = scanner;
  n.p = Port{port};
  n.proto = EnumName{"tcp"};
  n.msg = fmt::format("{} scanned at least {} unique hosts on port {}/tcp in {}", scanner.to_string(), scan.targets.size(), port,
                      minutes_and_seconds(now - scan.begun_ns));
  n.sub = side_of(scanner);
  notices_.raise(NoticeKind::ScanAddressScan, now, scanner.to_string(), std::move(n));
}

void ScanNotices::count_port(const IpAddress& scanner, const IpAddress& host, uint16_t port, TimeNs now) {
  Scan<uint16_t>& scan = ports_.get(key_of(scanner) + key_of(host), now);
  if (scan.targets.empty()) scan.begun_ns = now;
  if (!completes_scan(scan.targets, port, options_.scan_ports)) return;
  NoticeRecord n;
  n.src = scanner;
  n.dst = host;
  n.msg = fmt::format("{} scanned at least {} unique ports of host {} in {}", scanner.to_string(), scan.targets.size(), host.to_string(),
                      minutes_and_seconds(now - scan.begun_ns));
  n.sub = side_of(scanner);
  notices_.raise(NoticeKind::ScanPortScan, now, scanner.to_string(), std::move(n));
}

}  // namespace sensor
