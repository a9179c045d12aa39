#include <algorithm>
#include <cctype>

#include "assets.h"
#include "sensor/record/conn.h"
#include "sensor/record/encoder.h"
#include "sensor/record/known.h"
#include "sensor/record/ssl.h"

namespace sensor {
namespace {

constexpr uint64_t kTcp = 6, kUdp = 17;

Fingerprint key_of(const Cell& host) {
  const IpAddress a = host.address();
  return Fingerprint().add(a.hi()).add(a.lo());
}
Fingerprint key_of(const Cell& host, const Cell& port, bool tcp, std::string_view service) {
  return key_of(host).add(port.number << 1 | (tcp ? 1 : 0)).add(service);
}

/// Whether both sides said so.
bool established(std::string_view state) {
  constexpr std::string_view kStates[] = {"S1", "SF", "S2", "S3", "RSTO", "RSTR"};
  return std::ranges::find(kStates, state) != std::end(kStates);
}

/// Zeek's name of a protocol that conn.log has in lower case. Those that scripts name have theirs as it is.
std::string analyzer_name(std::string_view service) {
  std::string name(service);
  if (name.find('-') == std::string::npos && name != "gridftp")
    std::ranges::transform(name, name.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return name;
}

}  // namespace

KnownAssets::KnownAssets(const AssetOptions& options, CertificateMemory& certificates, RowSink& rows, WatchList& watch)
    : options_(options), certificates_(certificates), rows_(rows) {
  watch.add<ConnRecord>([this](const SeenRecord& r) { see_connection(r); });
  watch.add<SslRecord>([this](const SeenRecord& r) { see_handshake(r); });
}

void KnownAssets::see_connection(const SeenRecord& r) {
  const uint64_t protocol = r.cells[column<ConnRecord>("id.ip_proto")].number;
  const Cell &orig = r.cells[column<ConnRecord>("id.orig_h")], &resp = r.cells[column<ConnRecord>("id.resp_h")];
  if (protocol != kTcp && protocol != kUdp) return;
  const bool tcp = protocol == kTcp;
  if (tcp && established(r.cells[column<ConnRecord>("conn_state")].chars())) {
    if (chosen(orig)) see_host(r, orig);
    if (chosen(resp)) see_host(r, resp);
  }
  if (chosen(resp)) see_service(r, resp, tcp);
}

void KnownAssets::see_host(const SeenRecord& r, const Cell& host) {
  if (!known_hosts_.insert(key_of(host), r.due_ns)) return;
  put_row(rows_, r.due_ns, KnownHostRecord{{r.cells[column<ConnRecord>("ts")].as_signed()}, host.address()});
}

/// A port at which somebody answers: over TCP with a SYN or data, over UDP with anything.
void KnownAssets::see_service(const SeenRecord& r, const Cell& host, bool tcp) {
  const bool active = tcp ? r.cells[column<ConnRecord>("history")].chars().find_first_of("hd") != std::string_view::npos
                          : r.cells[column<ConnRecord>("resp_pkts")].number != 0;
  std::string_view services = r.cells[column<ConnRecord>("service")].chars();
  if (!active || services == "ftp-data") return;
  if (services == "dns" && r.cells[column<ConnRecord>("resp_bytes")].number == 0) return;
  const Cell& port = r.cells[column<ConnRecord>("id.resp_p")];
  KnownServiceRecord row{
      {r.cells[column<ConnRecord>("ts")].as_signed()}, host.address(), Port{static_cast<uint16_t>(port.number)}, {tcp ? "tcp" : "udp"}, {}};
  if (services.empty() && !known_services_.insert(key_of(host, port, tcp, {}), r.due_ns)) return;
  const bool named = !services.empty();
  while (!services.empty()) {
    const std::string_view service = services.substr(0, services.find(','));
    services.remove_prefix(std::min(service.size() + 1, services.size()));
    if (known_services_.insert(key_of(host, port, tcp, service), r.due_ns)) row.service.items.push_back(analyzer_name(service));
  }
  if (!named || !row.service.items.empty()) put_row(rows_, r.due_ns, row);
}

void KnownAssets::see_handshake(const SeenRecord& r) {
  const Cell &host = r.cells[column<SslRecord>("id.resp_h")], &port = r.cells[column<SslRecord>("id.resp_p")];
  if (r.cells[column<SslRecord>("established")].number == 0 || !chosen(host)) return;
  const std::string fingerprint = first_string(r.cells[column<SslRecord>("cert_chain_fps")]);
  const CertificateMemory::Certificate* c = fingerprint.empty() ? nullptr : certificates_.find(fingerprint, r.due_ns);
  // As in Zeek, another port of the same host is nothing new.
  if (c == nullptr || !known_certificates_.insert(key_of(host).add(std::string_view(fingerprint)), r.due_ns)) return;
  put_row(rows_, r.due_ns,
          KnownCertRecord{{r.due_ns}, host.address(), Port{static_cast<uint16_t>(port.number)}, c->subject, c->issuer, c->serial});
}

}  // namespace sensor
