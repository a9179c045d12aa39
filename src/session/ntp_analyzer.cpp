#include "src/session/ntp_analyzer.h"

#include "sensor/record/ntp.h"

namespace sensor {
namespace {

/// Zeek shows the four bytes as they are, where they are not an address.
std::string reference_id(const ntp::Message& m) {
  constexpr uint8_t kSecondary = 2;
  return m.stratum < kSecondary ? std::string(as_chars(m.reference_id)) : IpAddress::from_bytes(m.reference_id).to_string();
}

void write(AnalyzerContext& c, const ntp::Message& m) {
  NtpRecord r;
  static_cast<ConnHeader&>(r) = c.conn();
  r.ts = Time{c.now()};
  r.version = m.version;
  r.mode = static_cast<uint64_t>(m.mode);
  if (m.tells_time) {
    r.stratum = m.stratum;
    r.poll = Interval{ntp::power_of_two_ns(m.poll)};
    r.precision = Interval{ntp::power_of_two_ns(m.precision)};
    r.root_delay = Interval{ntp::short_ns(m.root_delay)};
    r.root_dispersion = Interval{ntp::short_ns(m.root_dispersion)};
    r.reference_id = reference_id(m);
    r.reference = Time{ntp::unix_ns(m.reference)};
    r.origin = Time{ntp::unix_ns(m.origin)};
    r.receive = Time{ntp::unix_ns(m.receive)};
    r.transmit = Time{ntp::unix_ns(m.transmit)};
    r.extension_fields = m.extension_fields;
  }
  c.records().write(c.now(), r.uid, r);
}

}  // namespace

void NtpAnalyzer::on_data(AnalyzerContext& c, Direction d, Bytes datagram) {
  ntp::Message m;
  if (!ntp::parse(datagram, m)) return c.violation("malformed NTP message");
  c.confirm("ntp");
  confirmed_ = true;
  const auto side = static_cast<uint8_t>(1U << index(d));
  const bool wrong_way = m.mode == (d == Direction::Orig ? ntp::Mode::Server : ntp::Mode::Client);
  if (wrong_way && (flipped_ & side) == 0) {
    c.flip_roles();
    flipped_ |= side;
  }
  if (m.mode <= ntp::Mode::Broadcast) write(c, m);
}

Probe probe_ntp(const ProbeInput& in) {
  return ntp::looks_like_answer(in.resp.empty() ? in.orig : in.resp) ? Probe::Certain : Probe::NotForUs;
}

}  // namespace sensor
