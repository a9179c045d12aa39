#include "conn_state.h"

#include "history.h"
#include "tcp_stream.h"

namespace sensor {

namespace {

/// The originator sent a SYN and then a RST, and nothing that would make it more than an attempt.
bool is_aborted_attempt(std::string_view history) {
  if (history.starts_with('^')) history.remove_prefix(1);
  if (!history.starts_with('S')) return false;
  return history.find('R') < history.find_first_of("HAFGIQ");
}

std::string_view reset_by_resp(const Flow& f) {
  const TcpState orig = f.tcp[0].state;
  const bool no_data = TcpStreams::size(f, Direction::Orig) == 0 && TcpStreams::size(f, Direction::Resp) == 0;
  if (orig == TcpState::SynSent || orig == TcpState::SynAckSent || (orig == TcpState::Reset && no_data)) return "REJ";
  return orig == TcpState::Inactive || orig == TcpState::Partial ? "RSTRH" : "RSTR";
}

std::string_view tcp_conn_state(const Flow& f, std::string_view history) {
  const TcpState orig = f.tcp[0].state, resp = f.tcp[1].state;
  const bool no_orig = orig == TcpState::Inactive || orig == TcpState::Partial;
  const bool no_resp = resp == TcpState::Inactive || resp == TcpState::Partial;
  if (resp == TcpState::Reset) return reset_by_resp(f);
  if (orig == TcpState::Reset) {
    if (!no_resp) return "RSTO";
    return is_aborted_attempt(history) ? "RSTOS0" : "OTH";
  }
  if (orig == TcpState::Closed && resp == TcpState::Closed) return "SF";
  if (orig == TcpState::Closed) return no_resp ? "SH" : "S2";
  if (resp == TcpState::Closed) return no_orig ? "SHR" : "S3";
  if (orig == TcpState::SynSent && resp == TcpState::Inactive) return "S0";
  if (orig == TcpState::Established && resp == TcpState::Established) return "S1";
  return "OTH";
}

std::string_view udp_conn_state(const Flow& f) {
  const bool orig = f.datagram.payload_bytes[0] >= 0, resp = f.datagram.payload_bytes[1] >= 0;
  if (orig) return resp ? "SF" : "S0";
  return resp ? "SHR" : "OTH";
}

/// Logs tell time to the microsecond; a duration is the difference of the times that they show.
TimeNs microseconds(TimeNs t) {
  return t - t % kMicrosecond;
}

uint64_t payload_bytes(const Flow& f, Direction d) {
  if (f.transport == Transport::Tcp) return TcpStreams::size(f, d);
  return static_cast<uint64_t>(std::max<int64_t>(f.datagram.payload_bytes[index(d)], 0));
}

}  // namespace

ConnSummary summarize(const Flow& f, const FlowExtras& extras) {
  ConnSummary s;
  s.start_ns = f.start_ns;
  s.duration_ns = microseconds(f.last_ns) - microseconds(f.start_ns);
  s.has_duration = s.duration_ns > 0;
  s.orig_bytes = payload_bytes(f, Direction::Orig);
  s.resp_bytes = payload_bytes(f, Direction::Resp);
  s.history = history_text(f, extras);
  switch (f.transport) {
    case Transport::Tcp:
      s.conn_state = tcp_conn_state(f, s.history);
      break;
    case Transport::Udp:
      s.conn_state = udp_conn_state(f);
      break;
    case Transport::Icmp:
    case Transport::Unknown:
      s.conn_state = "OTH";
      break;
  }
  if (const FlowExtra* x = extras.find(f)) s.missed_bytes = x->missed_bytes;
  s.orig_packets = f.dir[0].packets;
  s.orig_ip_bytes = f.dir[0].ip_bytes;
  s.resp_packets = f.dir[1].packets;
  s.resp_ip_bytes = f.dir[1].ip_bytes;
  s.ip_proto = f.key.ip_proto;
  return s;
}

}  // namespace sensor
