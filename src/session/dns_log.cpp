#include "dns_log.h"

#include <array>
#include <charconv>
#include <cstring>

#include "dpi/dns/dns.h"
#include "sensor/record/dns.h"

namespace sensor {

namespace {
/// Room for "query-65535".
using NumberedName = std::array<char, 16>;

// The name, or prefix and number where there is none.
std::string_view name_or_number(std::string_view name, std::string_view prefix, uint16_t number, NumberedName& buffer) {
  if (!name.empty()) return name;
  std::memcpy(buffer.data(), prefix.data(), prefix.size());
  const auto end = std::to_chars(buffer.data() + prefix.size(), buffer.data() + buffer.size(), number).ptr;
  return {buffer.data(), static_cast<size_t>(end - buffer.data())};
}

std::string_view type_name(AnalyzerContext& c, uint16_t type, NumberedName& buffer) {
  // NetBIOS had given this number to the status of a node before DNS gave it to service locations.
  if (type == dns::rr::kSrv && is_netbios_name_service(c)) return "NBSTAT";
  return name_or_number(dns::query_type_name(type), "query-", type, buffer);
}

// The vectors of the last record, kept for the next one.
struct Spare {
  std::vector<std::string_view> answers;
  std::vector<Interval> ttls;
};

void set_answers(DnsRecord& r, const DnsRow& row, Spare& spare) {
  spare.answers.clear();
  spare.ttls.clear();
  for (const DnsRow::Answer& a : row.answers) {
    spare.answers.push_back(std::string_view(row.text).substr(a.begin, a.size));
    spare.ttls.push_back({DurationNs{a.ttl_s} * kSecond});
  }
  r.answers = std::move(spare.answers);
  r.ttls = std::move(spare.ttls);
}
}  // namespace

bool is_netbios_name_service(AnalyzerContext& c) {
  return c.transport() == Transport::Udp && c.conn().resp_p.number == dns::kNetbiosPort;
}

void write_dns_row(AnalyzerContext& c, const DnsRow& row) {
  thread_local Spare spare;
  NumberedName type_buffer, class_buffer;
  DnsRecord r;
  static_cast<ConnHeader&>(r) = c.conn();
  r.ts.ns = row.ts_ns;
  r.proto.name = c.transport() == Transport::Udp ? "udp" : "tcp";
  r.trans_id = row.id;
  if (row.rtt_ns != 0) r.rtt = Interval{row.rtt_ns};
  if (row.has_query) r.query = row.query();
  if (row.has_question) {
    r.qclass = row.qclass;
    r.qclass_name = name_or_number(dns::class_name(row.qclass), "qclass-", row.qclass, class_buffer);
    r.qtype = row.qtype;
    r.qtype_name = type_name(c, row.qtype, type_buffer);
  }
  if (row.has_rcode) {
    r.rcode = row.rcode;
    r.rcode_name = dns::rcode_name(row.rcode);
  }
  r.aa = row.aa;
  r.tc = row.tc;
  r.rd = row.rd;
  r.ra = row.ra;
  r.z = row.z;
  r.rejected = row.rejected;
  if (!row.answers.empty()) set_answers(r, row, spare);
  c.records().write(c.now(), c.conn().uid, r);
  if (r.answers) spare.answers = std::move(*r.answers);
  if (r.ttls) spare.ttls = std::move(*r.ttls);
}

}  // namespace sensor
