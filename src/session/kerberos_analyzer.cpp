#include "src/session/kerberos_analyzer.h"

namespace sensor {
namespace {

/// Before every message over TCP.
constexpr size_t kLength = 4;

Probe verdict(kerberos::Match a, kerberos::Match b) {
  using kerberos::Match;
  if (a == Match::Yes || b == Match::Yes) return Probe::Certain;
  return a == Match::Unsure || b == Match::Unsure ? Probe::Unsure : Probe::NotForUs;
}

kerberos::Match begins_behind_length(Bytes stream) {
  return kerberos::begins_with_message(stream.subspan(std::min(kLength, stream.size())));
}

}  // namespace

void KerberosUdpAnalyzer::on_data(AnalyzerContext& c, Direction, Bytes datagram) {
  if (exchange_.read(c, datagram, "KRB")) {
    c.confirm("krb");
  } else {
    c.violation("malformed Kerberos message");
  }
}

void KerberosTcpAnalyzer::on_data(AnalyzerContext& c, Direction d, Bytes bytes) {
  if (had_gap_) return;
  CarryOver& held = held_[index(d)];
  ByteReader r(held.join(bytes));
  while (r.remaining() >= kLength) {
    ByteReader ahead = r;
    const uint32_t length = ahead.u32();
    if (length <= kMaxMessage && length > ahead.remaining()) break;
    const Bytes message = ahead.bytes(length);
    if (length > kMaxMessage || !exchange_.read(c, message, "KRB_TCP")) {
      held.clear();
      return c.violation("malformed Kerberos message");
    }
    c.confirm("krb_tcp");
    r = ahead;
  }
  held.keep(r.rest());
}

Probe probe_kerberos_datagram(const ProbeInput& in) {
  return verdict(kerberos::begins_with_message(in.orig), kerberos::begins_with_message(in.resp));
}

Probe probe_kerberos_stream(const ProbeInput& in) {
  return verdict(begins_behind_length(in.orig), begins_behind_length(in.resp));
}

}  // namespace sensor
