// The state machine of TcpMachine: one function per state of the sender.
#include "flip_roles.h"
#include "flow_key.h"
#include "tcp_machine.h"
#include "tcp_segment.h"

namespace sensor {

namespace {

/// From `low` to `high` in sequence space, the latter included.
bool between(uint32_t n, uint32_t low, uint32_t high) {
  if (low <= high) return low <= n && n <= high;
  return n >= low || n <= high;
}

bool in_handshake(TcpState s) {
  return s == TcpState::Inactive || s == TcpState::SynSent || s == TcpState::SynAckSent;
}

bool is_interactive_port(uint16_t port) {
  return port == 21 || port == 22 || port == 23 || port == 513;
}

uint32_t milliseconds(DurationNs t) {
  return static_cast<uint32_t>(t / kMillisecond);
}

}  // namespace

void TcpMachine::set_state(Flow& f, Direction d, TcpState state) {
  TcpEndpoint& e = f.endpoint(d);
  if (e.state == state) return;
  // The first side to leave the handshake makes the connection one that may be silent for long.
  if (!in_handshake(state) && in_handshake(e.state) && in_handshake(f.endpoint(opposite(d)).state))
    f.timeout_idle_ms = milliseconds(config_.timeout_tcp_idle_ns);
  e.prev_state = e.state;
  e.state = state;
}

void TcpMachine::update_state(Flow& f, Segment& s) {
  switch (f.endpoint(s.d).state) {
    case TcpState::Inactive:
      return in_inactive(f, s);
    case TcpState::SynSent:
    case TcpState::SynAckSent:
      return in_syn_sent(f, s);
    case TcpState::Established:
    case TcpState::Partial:
      return in_established(f, s);
    case TcpState::Closed:
      return in_closed(f, s);
    case TcpState::Reset:
      return in_reset(f, s);
  }
}

void TcpMachine::in_inactive(Flow& f, Segment& s) {
  if (s.syn) syn_in_inactive(f, s);
  if (s.fin) {
    set_state(f, s.d, TcpState::Closed);
    s.do_close = s.finished = true;
    if (f.endpoint(s.peer()).state != TcpState::Partial && !s.syn) tcp_weird(f, "spontaneous_FIN");
  }
  if (s.rst) rst_in_inactive(f, s);
  if (f.endpoint(s.d).state != TcpState::Inactive) return;

  // No flag has said what this side is doing.
  const bool pure_ack_of_syn = !s.by_orig && s.len == 0 && f.endpoint(Direction::Orig).state == TcpState::SynSent;
  if (pure_ack_of_syn) return;  // some stacks acknowledge a SYN before they answer it
  if (s.has_ack && f.endpoint(s.peer()).state == TcpState::Established) {
    // The peer's SYN+ACK was seen and the SYN before it was missed.
    set_state(f, s.d, TcpState::Established);
    f.tcp_partial = false;
    f.endpoint(s.entered_as()).seen = true;
  } else {
    set_state(f, s.d, TcpState::Partial);
  }
}

void TcpMachine::syn_in_inactive(Flow& f, Segment& s) {
  if (s.by_orig) {
    if (s.has_ack) tcp_weird(f, "connection_originator_SYN_ack");
    set_state(f, s.d, s.has_ack ? TcpState::SynAckSent : TcpState::SynSent);
    if (f.deadline_kind == DeadlineKind::None) {
      f.deadline_kind = DeadlineKind::Attempt;
      f.hard_deadline_ns = s.p.ts_ns + config_.timeout_tcp_attempt_ns;
    }
    return;
  }
  const TcpEndpoint& peer = f.endpoint(s.peer());
  if (s.has_ack) {
    if (peer.state != TcpState::Inactive && peer.state != TcpState::Partial && !between(s.ack, peer.start_seq, peer.last_seq))
      tcp_weird(f, "bad_SYN_ack");
  } else if (peer.state == TcpState::SynAckSent && s.seq == f.endpoint(s.d).start_seq) {
    // SYN+ACK and SYN came in the wrong order.
    f.tcp_partial = false;
    sensor::flip_roles(f, extras_, events_);
    s.d = opposite(s.d);
    set_state(f, s.peer(), TcpState::Established);
    f.endpoint(Direction::Orig).seen = true;
  } else {
    tcp_weird(f, "simultaneous_open");
  }
  const TcpState peer_state = f.endpoint(s.peer()).state;
  if (peer_state == TcpState::SynSent) {
    set_state(f, s.peer(), TcpState::Established);
  } else if (peer_state == TcpState::Inactive) {
    tcp_weird(f, "unsolicited_SYN_response");
  }
  set_state(f, s.d, TcpState::Established);
  if (f.endpoint(s.peer()).state != TcpState::Partial) established(f);
}

/// Sessions of people at a keyboard may be silent for longer.
void TcpMachine::established(Flow& f) {
  uint16_t port = f.resp_port();
  if (f.endpoint(Direction::Orig).state == TcpState::Inactive && !is_likely_server_port(Transport::Tcp, port) &&
      is_likely_server_port(Transport::Tcp, f.orig_port()))
    port = f.orig_port();
  if (is_interactive_port(port)) f.timeout_idle_ms = milliseconds(config_.timeout_interactive_idle_ns);
  events_.flow_established(f);
}

void TcpMachine::rst_in_inactive(Flow& f, Segment& s) {
  const TcpState peer = f.endpoint(s.peer()).state;
  set_state(f, s.d, TcpState::Reset);
  // To answer a SYN, or a SYN+ACK that nobody asked for (a scan in reverse), with a RST is a rejection.
  const bool rejects = s.by_orig ? peer == TcpState::Established : peer == TcpState::SynSent || peer == TcpState::SynAckSent;
  s.do_close = true;
  s.finished = !rejects;
  if (!rejects && peer == TcpState::Inactive) tcp_weird(f, "spontaneous_RST");
}

void TcpMachine::in_syn_sent(Flow& f, Segment& s) {
  const TcpState state = f.endpoint(s.d).state;
  const TcpState peer = f.endpoint(s.peer()).state;
  if (s.syn && s.by_orig && s.has_ack && !s.fin && !s.rst && state != TcpState::SynAckSent) tcp_weird(f, "repeated_SYN_with_ack");
  if (s.syn && !s.by_orig && !s.has_ack && state != TcpState::SynSent) tcp_weird(f, "repeated_SYN_reply_wo_ack");
  if (s.fin) {
    if (peer == TcpState::Inactive || peer == TcpState::SynSent) tcp_weird(f, "inappropriate_FIN");
    set_state(f, s.d, TcpState::Closed);
    s.do_close = s.finished = true;
  }
  if (s.rst) {
    set_state(f, s.d, TcpState::Reset);
    f.tcp_active = false;
    s.do_close = true;
  } else if (s.len > 0) {
    tcp_weird(f, "data_before_established");
  }
}

void TcpMachine::in_established(Flow& f, Segment& s) {
  if (s.syn && !s.has_ack && f.endpoint(s.d).state == TcpState::Partial && f.endpoint(s.peer()).state == TcpState::Inactive) {
    tcp_weird(f, "SYN_after_partial");
    set_state(f, s.d, TcpState::SynSent);
  }
  if (s.fin && !s.rst) {
    set_state(f, s.d, TcpState::Closed);
    const TcpEndpoint& peer = f.endpoint(s.peer());
    // A RST that follows a FIN is one way of closing normally.
    if (peer.state == TcpState::Reset && peer.prev_state == TcpState::Closed) set_state(f, s.peer(), TcpState::Closed);
    s.do_close = s.finished = true;
  }
  if (s.rst) {
    set_state(f, s.d, TcpState::Reset);
    s.do_close = true;
    const TcpEndpoint& peer = f.endpoint(s.peer());
    if (peer.state != TcpState::Reset || peer.prev_state != TcpState::Established) f.tcp_active = false;
  }
}

void TcpMachine::in_closed(Flow& f, Segment& s) {
  if (s.syn) tcp_weird(f, "SYN_after_close");
  if (s.fin && s.delta_last > 0) tcp_weird(f, "FIN_advanced_last_seq");
  // After FINs from both sides a RST changes nothing.
  if (!s.rst || f.endpoint(s.peer()).state == TcpState::Closed) return;
  set_state(f, s.d, TcpState::Reset);
  if (!f.endpoint(s.d).did_close) s.do_close = true;
}

void TcpMachine::in_reset(Flow& f, const Segment& s) {
  if (s.syn) tcp_weird(f, "SYN_after_reset");
  if (s.fin) tcp_weird(f, "FIN_after_reset");
  if (s.len > 0 && !s.rst) tcp_weird(f, "data_after_reset");
}

void TcpMachine::check_eof(Flow& f, Direction d) {
  TcpEndpoint& e = f.endpoint(d);
  const bool ended = e.fin_seen || e.state == TcpState::Closed || e.state == TcpState::Reset;
  if (e.did_eof || !ended || streams_.data_pending(f, d)) return;
  e.did_eof = true;
  const bool second = (d == Direction::Orig) == f.orig_is_second;
  if (f.wants(d)) events_.flow_eof(f, d);
  d = f.role_of(second);
  if (!f.tcp_close_deferred) return;
  if (streams_.data_pending(f, d) && f.tcp[0].did_close && f.tcp[1].did_close) tcp_weird(f, "pending_data_when_closed");
  closed(f, d, f.tcp_finish_deferred);
  f.tcp_close_deferred = false;
}

/// One side has ended. Once the other has too, or was never there, the connection stays only for packets that come late.
void TcpMachine::closed(Flow& f, Direction d, bool finished) {
  if (streams_.data_pending(f, d)) {
    f.tcp_close_deferred = true;
    if (!f.tcp_finish_deferred) f.tcp_finish_deferred = finished;
    return;
  }
  f.tcp_close_deferred = false;
  TcpEndpoint& e = f.endpoint(d);
  if (e.did_close) return;
  e.did_close = true;
  const TcpEndpoint& peer = f.endpoint(opposite(d));
  if (e.state != TcpState::Reset && !peer.did_close && peer.state != TcpState::Inactive) return;
  if (e.prev_state != TcpState::Inactive || peer.state != TcpState::Inactive) {
    finished = finished || f.tcp_finish_deferred;
    f.tcp_finish_deferred = false;
    if (finished) f.tcp_active = false;
  }
  f.deadline_kind = DeadlineKind::Close;
  f.hard_deadline_ns = f.last_ns + config_.timeout_tcp_close_ns;
}

}  // namespace sensor
