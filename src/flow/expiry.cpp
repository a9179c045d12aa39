#include "expiry.h"

#include <algorithm>

namespace sensor {

namespace {

/// `e`: by silence.
Expiry tcp_expiry(const Flow& f, const FlowConfig& config, Expiry e) {
  const TcpEndpoint& orig = f.tcp[0];
  const TcpEndpoint& resp = f.tcp[1];
  if (f.deadline_kind == DeadlineKind::Close) {
    if (f.hard_deadline_ns < e.due) e = {f.hard_deadline_ns, RemoveReason::Closed};
    return e;
  }
  if (f.tcp_in_step || !f.tcp_active) return e;
  const bool attempted = orig.state == TcpState::SynSent || orig.state == TcpState::SynAckSent;
  if (f.deadline_kind == DeadlineKind::Attempt && attempted && resp.state == TcpState::Inactive && f.hard_deadline_ns < e.due)
    e = {f.hard_deadline_ns, RemoveReason::Attempt};
  // Nothing valid ever came, or one side closed while the other's reset waits for data that is missing.
  const bool nothing = orig.state == TcpState::Inactive && resp.state == TcpState::Inactive;
  const bool broken = (orig.did_close || resp.did_close) && (orig.state == TcpState::Reset || resp.state == TcpState::Reset);
  if ((nothing || broken) && f.last_ns + config.timeout_tcp_linger_ns < e.due)
    e = {f.last_ns + config.timeout_tcp_linger_ns + 1, RemoveReason::Closed};
  return e;
}

}  // namespace

Expiry expiry_once_idle(const Flow& f, const FlowConfig& config) {
  Expiry e;
  if (f.timeout_idle_ms != 0) e.due = f.last_ns + f.timeout_idle_ms * kMillisecond;
  if (f.transport == Transport::Tcp) return tcp_expiry(f, config, e);
  e.due = std::min(e.due, f.datagram.next_idle_check_ns);
  return e;
}

}  // namespace sensor
