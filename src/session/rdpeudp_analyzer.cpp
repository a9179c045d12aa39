#include "src/session/rdpeudp_analyzer.h"

#include "dpi/rdp/rdpeudp.h"

namespace sensor {

void RdpeudpAnalyzer::on_data(AnalyzerContext& c, Direction d, Bytes datagram) {
  constexpr uint32_t kNothingReceived = 0xffffffff;
  rdpeudp::Handshake h;
  if (!rdpeudp::parse_handshake(datagram, h)) {
    c.violation("not an RDPEUDP handshake");
    return c.done();
  }
  if (!asked_) {
    asked_ = d == Direction::Orig && (h.flags & rdpeudp::kSyn) != 0 && h.source_ack == kNothingReceived;
  } else if (d == Direction::Resp && (h.flags & (rdpeudp::kSyn | rdpeudp::kAck)) != 0) {
    c.confirm("rdpeudp");
    c.done();
  }
}

Probe probe_rdpeudp(const ProbeInput& in) {
  return rdpeudp::is_syn(in.orig) ? Probe::Certain : Probe::NotForUs;
}

}  // namespace sensor
