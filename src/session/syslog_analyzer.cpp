#include "src/session/syslog_analyzer.h"

#include "dpi/syslog/syslog.h"
#include "sensor/record/syslog.h"

namespace sensor {

void SyslogAnalyzer::on_data(AnalyzerContext& c, Direction, Bytes datagram) {
  syslog::Message m;
  if (!syslog::parse(datagram, m)) return c.violation("malformed syslog priority");
  c.confirm("syslog");
  confirmed_ = true;
  SyslogRecord r;
  static_cast<ConnHeader&>(r) = c.conn();
  r.ts = Time{c.now()};
  r.proto = {"udp"};
  r.facility = syslog::facility_name(m);
  r.severity = syslog::severity_name(m);
  r.message = m.text.substr(0, kMaxText);
  c.records().write(c.now(), r.uid, r);
}

Probe probe_syslog(const ProbeInput& in) {
  return syslog::looks_like_message(in.orig.empty() ? in.resp : in.orig) ? Probe::Certain : Probe::NotForUs;
}

}  // namespace sensor
