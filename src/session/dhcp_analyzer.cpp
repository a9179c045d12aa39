#include "src/session/dhcp_analyzer.h"

#include "dpi/dhcp/dhcp.h"
#include "sensor/record/dhcp.h"

namespace sensor {
namespace {

constexpr uint16_t kServerPort = 67, kClientPort = 68;
const IpAddress kNoAddress = IpAddress::v4(0), kBroadcast = IpAddress::v4(0xffffffff);

template <class T, class U>
void set(std::optional<T>& member, const std::optional<U>& value) {
  if (value) member = *value;
}

/// A server that answers by broadcast is the originator of a connection of its own.
bool from_client(const ConnHeader& conn, Direction d) {
  return d == Direction::Orig && (conn.orig_h == kNoAddress || conn.orig_p.number == kClientPort || conn.resp_p.number == kServerPort);
}

void add_client(DhcpEventRecord& r, const dhcp::Message& m, const ConnHeader& conn) {
  constexpr uint8_t kEthernet = 1;
  if (conn.orig_h != kNoAddress && conn.orig_h != kBroadcast) r.client_addr = conn.orig_h;
  if (m.client_id && m.client_id->hardware_type == kEthernet)
    r.mac = dhcp::hardware_address(m.client_id->value);
  else
    r.chaddr = dhcp::hardware_address(m.client_hardware);
  set(r.host_name, m.host_name);
  set(r.client_fqdn, m.client_fqdn);
  set(r.requested_addr, m.requested);
}

void add_server(DhcpEventRecord& r, const dhcp::Message& m, const ConnHeader& conn, Direction d) {
  r.mac = dhcp::hardware_address(m.client_hardware);
  if (m.assigned != kNoAddress) {
    r.server_addr = d == Direction::Orig ? conn.orig_h : conn.resp_h;
    r.assigned_addr = m.assigned;
  }
  set(r.domain, m.domain_name);
  if (m.lease_s) r.lease_time = Interval{DurationNs{*m.lease_s} * kSecond};
}

}  // namespace

void DhcpAnalyzer::on_data(AnalyzerContext& c, Direction d, Bytes datagram) {
  constexpr DurationNs kExchange = 10 * kSecond;
  dhcp::Message m;
  if (dhcp::parse(datagram, m) != dhcp::Parsed::Message) return c.violation("malformed DHCP message");
  c.confirm("dhcp");
  confirmed_ = m.type != 0;
  DhcpEventRecord r;
  r.ts = Time{c.now()};
  r.entry_end = Time{c.table_entry_end(kExchange)};
  r.uid = c.conn().uid;
  r.transaction = m.transaction;
  r.type = dhcp::type_name(m.type);
  r.from_client = from_client(c.conn(), d);
  set(r.message, m.text);
  if (r.from_client)
    add_client(r, m, c.conn());
  else
    add_server(r, m, c.conn(), d);
  c.records().write(c.now(), r.uid, r);
  if (m.type == 0) c.violation("no DHCP message type");  // BOOTP: as in Zeek, a row, but not the service
}

Probe probe_dhcp(const ProbeInput& in) {
  return dhcp::looks_like_message(in.orig.empty() ? in.resp : in.orig) ? Probe::Certain : Probe::NotForUs;
}

}  // namespace sensor
