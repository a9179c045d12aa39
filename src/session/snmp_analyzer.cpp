#include "src/session/snmp_analyzer.h"

#include <algorithm>

#include "src/session/asn1_weird.h"

namespace sensor {
namespace {

std::string_view version_name(snmp::Version v) {
  switch (v) {
    case snmp::Version::V1:
      return "1";
    case snmp::Version::V2c:
      return "2c";
    case snmp::Version::V3:
      break;
  }
  return "3";
}

/// When a device that has been up for so long began to be.
TimeNs up_since(TimeNs now, uint64_t hundredths) {
  constexpr uint64_t kLongest = INT64_MAX / (10 * kMillisecond) / 2;  // 146 years
  return now - static_cast<DurationNs>(std::min(hundredths, kLongest)) * 10 * kMillisecond;
}

}  // namespace

void SnmpAnalyzer::on_data(AnalyzerContext& c, Direction d, Bytes datagram) {
  snmp::Message m;
  bool header_read = false;
  const snmp::Parsed parsed = snmp::parse(datagram, m, header_read);
  if (header_read && d == Direction::Resp) c.confirm("snmp");
  if (parsed == snmp::Parsed::Malformed) return c.violation("malformed SNMP message");
  if (parsed == snmp::Parsed::Message) add(c, m);
}

void SnmpAnalyzer::add(AnalyzerContext& c, const snmp::Message& m) {
  if (m.wide_integer != 0) asn1_weird(c, "asn_binary_to_int64_shift_too_large", m.wide_integer);
  if (m.long_arc != 0) asn1_weird(c, "asn_oid_subidentifier_too_long", m.long_arc);
  if (!row_) {
    row_.emplace();
    static_cast<ConnHeader&>(*row_) = c.conn();
    row_->ts = Time{c.now()};
    row_->version = version_name(m.version);
  }
  SnmpRecord& r = *row_;
  if (!r.community && m.community) r.community = m.community->substr(0, kMaxText);
  r.duration = Interval{c.now() - r.ts.ns};
  if (m.pdu == snmp::PduType::GetRequest || m.pdu == snmp::PduType::GetNextRequest) r.get_requests += m.bindings;
  if (m.pdu == snmp::PduType::GetBulkRequest) r.get_bulk_requests += m.bindings;
  if (m.pdu == snmp::PduType::SetRequest) r.set_requests += m.bindings;
  if (m.pdu != snmp::PduType::Response) return;
  r.get_responses += m.bindings;
  if (m.system_description) r.display_string = m.system_description->substr(0, kMaxText);
  if (m.up_hundredths) r.up_since = Time{up_since(c.now(), *m.up_hundredths)};
}

void SnmpAnalyzer::on_finish(AnalyzerContext& c) {
  if (row_) c.records().write(c.now(), row_->uid, *row_);
  row_.reset();
}

Probe probe_snmp(const ProbeInput& in) {
  return snmp::looks_like_message(in.orig.empty() ? in.resp : in.orig) ? Probe::Certain : Probe::NotForUs;
}

}  // namespace sensor
