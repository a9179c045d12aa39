#include "tcp_machine.h"

#include <fmt/format.h>

#include <array>

#include "flip_roles.h"
#include "history.h"
#include "tcp_segment.h"

namespace sensor {

namespace {

/// A jump of sequence numbers that no window explains.
constexpr int32_t kTooLargeDelta = 1 << 20;
constexpr uint32_t kStormThreshold = 1000;
constexpr DurationNs kStormInterarrival = kSecond;
constexpr uint64_t kUpperHalf = 0x9e3779b9;  // odd, and not small: numbers that wrapped do not look like others nearby
constexpr int kMaxWindowScale = 14;          // RFC 7323 section 2.3

/// Another one after the first: there have been many, and the last was a moment ago.
bool is_storm(Repeats& r, TimeNs now) {
  const bool soon = now < r.last_ns + kStormInterarrival;
  r.last_ns = now;
  return ++r.count >= kStormThreshold - 1 && soon;
}

int32_t delta(uint32_t a, uint32_t b) {
  return static_cast<int32_t>(a - b);
}

/// `seq` relative to the endpoint's start, in 64 bits, given the last number of the kind (sent or acknowledged) and how often it wrapped.
/// Below the start: a negative number as two's complement, and *underflow.
uint64_t relative(const TcpEndpoint& e, uint32_t seq, uint32_t last, uint32_t wraps, bool& underflow) {
  const int32_t change = delta(seq, last);
  if (change < 0 && wraps != 0 && seq > last) wraps--;
  if (change > 0 && seq < last) wraps++;
  if (wraps != 0) return (uint64_t{wraps} << 32) + seq - e.start_seq;
  const int32_t from_start = delta(seq, e.start_seq);
  if (from_start < 0) underflow = true;
  return static_cast<uint64_t>(static_cast<int64_t>(from_start));
}

void advance_last_seq(TcpEndpoint& e, uint32_t seq) {
  if (seq < e.last_seq) e.seq_wraps++;
  e.last_seq = seq;
}

void advance_ack_seq(TcpEndpoint& e, uint32_t seq) {
  if (seq < e.ack_seq) e.ack_wraps++;
  e.ack_seq = seq;
}

void start_at(TcpEndpoint& e, uint32_t start, uint32_t last) {
  e.start_seq = e.ack_seq = start;
  e.last_seq = last;
}

}  // namespace

void TcpMachine::tcp_weird(Flow& f, std::string_view name, std::string_view addl) {
  f.had_weird = true;
  events_.flow_weird(f, {name, "TCP", addl});
}

void TcpMachine::conn_weird(Flow& f, std::string_view name) {
  f.had_weird = true;
  events_.flow_weird(f, {name, {}});
}

Direction TcpMachine::handle(Flow& f, Direction sender, const DecodedPacket& p) {
  if (handle_in_order(f, sender, p)) return sender;
  settle(f);
  Segment s(p, sender);
  set_partial(f, s);
  init_endpoint(f, s);
  {
    const TcpEndpoint& e = f.endpoint(s.d);
    s.rel_seq = relative(e, s.seq, e.last_seq, e.seq_wraps, s.underflow);
  }
  if (s.underflow && !s.rst) tcp_weird(f, "TCP_seq_underflow_or_misorder");
  update_history(f, s);
  update_window(f, s);
  if (!f.tcp[0].did_close || !f.tcp[1].did_close) f.last_ns = p.ts_ns;
  if (s.syn) {
    syn_weirds(f, s);
    init_window(f, s);
  }
  if (s.fin || s.rst) count_fin_and_rst(f, s);
  if (s.rst && (f.want_orig || f.want_resp)) events_.flow_reset(f);
  const uint64_t rel_ack = s.has_ack ? update_ack(f, s) : 0;
  update_last_seq(f, s);
  update_state(f, s);
  // Only now: whether a gap counts depends on the states as they are after this segment.
  const bool second = (s.d == Direction::Orig) == f.orig_is_second;
  Direction peer = s.peer();
  if (s.has_ack && streams_.ack_received(f, peer, rel_ack)) check_eof(f, peer);
  f.endpoint(s.entered_as()).seen = true;
  s.d = f.role_of(second);
  if (s.len > 0 && !s.rst && !s.underflow) streams_.data_sent(f, s.d, s.syn ? s.rel_seq + 1 : s.rel_seq, s.len, p.payload);
  check_eof(f, s.d);
  s.d = f.role_of(second);
  if (s.do_close) closed(f, s.d, s.finished);
  f.tcp_in_step = is_in_step(f, Direction::Orig) && is_in_step(f, Direction::Resp);
  return s.d;
}

void TcpMachine::set_partial(Flow& f, const Segment& s) {
  if (f.endpoint(s.d).seen) return;
  if (s.by_orig) {
    f.tcp_partial = !s.syn || s.has_ack;
  } else if (!f.tcp_partial) {
    f.tcp_partial = !s.syn;
  }
}

void TcpMachine::init_endpoint(Flow& f, const Segment& s) {
  TcpEndpoint& e = f.endpoint(s.d);
  switch (e.state) {
    case TcpState::Inactive:
      // Without a SYN the numbering begins as though there had been one; the first packet is not a repetition of anything.
      if (s.syn) {
        start_at(e, s.seq, s.end());
      } else {
        start_at(e, s.seq - 1, s.seq);
      }
      break;
    case TcpState::SynSent:
    case TcpState::SynAckSent:
      if (s.syn && s.seq != e.start_seq) {
        conn_weird(f, "SYN_seq_jump");
        start_at(e, s.seq, s.end());
      }
      break;
    case TcpState::Established:
    case TcpState::Partial:
      if (!s.syn) break;
      if (TcpStreams::size(f, s.d) > 0) conn_weird(f, "SYN_inside_connection");
      if (s.seq != e.start_seq) conn_weird(f, "SYN_seq_jump");
      start_at(e, s.seq, s.end());
      break;
    case TcpState::Reset:
      // Nothing but a RST was seen before, perhaps a forged one: the SYN knows better where the numbers start.
      if (s.syn && e.prev_state == TcpState::Inactive) start_at(e, s.seq, s.end());
      break;
    case TcpState::Closed:
      break;
  }
}

/// A connection that began with a SYN+ACK is taken as it came, because port scanners send such packets. Data or a pure ACK show that
/// it is a real connection, whose SYN was missed.
void TcpMachine::flip_syn_ack_opener(Flow& f, Segment& s) {
  if (!history_is(f, 'H')) return;
  sensor::flip_roles(f, extras_, events_);
  s.d = opposite(s.d);
  replace_history(f, extras_, "^h");
  f.endpoint(Direction::Orig).seen = true;
}

/// A letter that is mentioned again when its sequence number changes. Of the number 32 bits are kept, the upper half mixed in.
void TcpMachine::mention(Flow& f, Segment& s, uint16_t bit, char letter, uint32_t TcpStream::*last, uint64_t seq) {
  TcpStream& stream = f.stream(s.d);
  const auto number = static_cast<uint32_t>(seq ^ (seq >> 32) * kUpperHalf);
  if (check_history(f, extras_, s.d, static_cast<HistoryBit>(bit), letter) && stream.*last != number) add_history(f, extras_, s.d, letter);
  stream.*last = number;
}

void TcpMachine::update_history(Flow& f, Segment& s) {
  const int control = (s.syn ? 1 : 0) + (s.fin ? 1 : 0) + (s.rst ? 1 : 0);
  if (control > 1) {
    if (s.fin && s.rst) {
      check_history(f, extras_, s.d, kHistoryFinRst, 'I');
    } else {
      check_history(f, extras_, s.d, kHistoryMulti, 'Q');
    }
  } else if (s.syn) {
    mention(f, s, kHistorySyn, s.has_ack ? 'H' : 'S', &TcpStream::history_syn, s.rel_seq);
  } else if (s.fin) {
    mention(f, s, kHistoryFin, 'F', &TcpStream::history_fin, s.rel_seq + s.len);  // a FIN comes after the data
  } else if (s.rst) {
    mention(f, s, kHistoryRst, 'R', &TcpStream::history_rst, s.rel_seq);
  } else if (s.len > 0) {
    flip_syn_ack_opener(f, s);
    check_history(f, extras_, s.d, kHistoryData, 'D');
  } else if (s.has_ack) {
    flip_syn_ack_opener(f, s);
    check_history(f, extras_, s.d, kHistoryAck, 'A');
  }
}

void TcpMachine::update_window(Flow& f, const Segment& s) {
  TcpEndpoint& e = f.endpoint(s.d);
  const uint32_t window = uint32_t{s.p.tcp.window} << e.window_scale;
  // A zero window means nothing in or after a RST, and nothing once the peer has sent its FIN.
  if (window == 0 && !s.rst && f.endpoint(s.peer()).state != TcpState::Closed && e.state != TcpState::Reset) {
    auto& counters = f.dir[index(s.d)];
    counters.zero_windows++;
    if (is_power_of_ten(counters.zero_windows)) add_history(f, extras_, s.d, 'W');
  }
  if (s.syn || s.fin || s.rst || e.state == TcpState::Closed || e.state == TcpState::Reset) return;
  if (delta(s.seq, e.window_seq) < 0 || delta(s.ack, e.window_ack_seq) < 0) return;
  const int32_t advance = delta(s.ack + window, e.window_ack_seq + e.window);
  // Scaling rounds: less than one unit is no recision.
  if (advance < 0 && -int64_t{advance} >= (int64_t{1} << e.window_scale)) conn_weird(f, "window_recision");
  e.window = window;
  e.window_ack_seq = s.ack;
  e.window_seq = s.seq;
}

void TcpMachine::init_window(Flow& f, const Segment& s) {
  TcpEndpoint& e = f.endpoint(s.d);
  TcpEndpoint& peer = f.endpoint(s.peer());
  int scale = s.p.tcp.window_scale;
  if (scale < 0) {
    e.window_scale = 0;
    if (s.has_ack) peer.window_scale = 0;  // both must offer it
    return;
  }
  if (scale > kMaxWindowScale) {
    if (!f.had_weird) tcp_weird(f, "TCP_scale_range", fmt::format("{}", scale));
    scale = kMaxWindowScale;
  }
  e.window_scale = static_cast<uint8_t>(scale & 15);
  e.window_seq = s.seq;
  e.window_ack_seq = s.ack;
  peer.window_seq = s.ack;
  peer.window_ack_seq = s.seq;
}

void TcpMachine::syn_weirds(Flow& f, const Segment& s) {
  if (s.rst) tcp_weird(f, "TCP_christmas");
  if ((s.p.tcp.flags & tcpflag::kUrg) != 0) tcp_weird(f, "baroque_SYN");
  if (s.len > 0) tcp_weird(f, "SYN_with_data");
}

void TcpMachine::count_fin_and_rst(Flow& f, const Segment& s) {
  TcpEndpoint& e = f.endpoint(s.d);
  if (s.fin) {
    if (e.fin_seen && is_storm(extras_.of(f).fins[index(s.d)], s.p.ts_ns)) tcp_weird(f, "FIN_storm");
    e.fin_seen = true;
    f.set_fin_seq(s.d, s.rel_seq + s.space);
  }
  // The first one, which most connections that have any end with, shows in the state; after two FINs it changes nothing.
  const bool again = e.state == TcpState::Reset || (e.state == TcpState::Closed && f.endpoint(s.peer()).state == TcpState::Closed);
  if (s.rst && again && is_storm(extras_.of(f).rsts[index(s.d)], s.p.ts_ns)) tcp_weird(f, "RST_storm");
}

uint64_t TcpMachine::update_ack(Flow& f, const Segment& s) {
  TcpEndpoint& peer = f.endpoint(s.peer());
  if (peer.state == TcpState::Inactive) {
    init_peer(f, s);
    return 1;
  }
  bool underflow = false;
  const uint64_t rel_ack = relative(peer, s.ack, peer.ack_seq, peer.ack_wraps, underflow);
  if (underflow) {
    tcp_weird(f, "TCP_ack_underflow_or_misorder");
    return 0;
  }
  // The number in a RST is not to be trusted, and a zero far ahead is more likely missing than meant.
  const int32_t change = delta(s.ack, peer.ack_seq);
  if (!s.rst && change > 0 && !(s.ack == 0 && change > kTooLargeDelta)) advance_ack_seq(peer, s.ack);
  return rel_ack;
}

void TcpMachine::init_peer(Flow& f, const Segment& s) {
  const TcpState state = f.endpoint(s.d).state;
  const bool opened = state == TcpState::SynSent || state == TcpState::SynAckSent || state == TcpState::Established;
  // It acknowledges a side that has not shown itself.
  if (!s.syn && !s.fin && !s.rst && opened && !f.had_weird) conn_weird(f, "possible_split_routing");
  start_at(f.endpoint(s.peer()), s.ack - 1, s.ack - 1);
}

void TcpMachine::update_last_seq(Flow& f, Segment& s) {
  TcpEndpoint& e = f.endpoint(s.d);
  s.delta_last = delta(s.end(), e.last_seq);
  if ((s.syn || s.rst) && (s.delta_last > kTooLargeDelta || s.delta_last < -kTooLargeDelta)) return;
  if (s.fin && e.last_seq == e.start_seq + 1) {
    // Only SYN and FIN were seen: more than 2 GB may lie between them.
    advance_last_seq(e, s.end());
  } else if (e.state == TcpState::Reset) {
    return;
  } else if (s.delta_last > 0) {
    advance_last_seq(e, s.end());
  } else if (s.len > 0) {
    add_scaled_history(f, extras_, s.d, f.stream(s.d).retransmits, 'T');
  }
}

bool TcpMachine::is_reuse(Flow& f, const DecodedPacket& p) {
  const bool syn = (p.tcp.flags & tcpflag::kSyn) != 0, ack = (p.tcp.flags & tcpflag::kAck) != 0;
  if (!syn || p.tcp.header_len < 20) return false;
  const TcpEndpoint& orig = f.endpoint(Direction::Orig);
  const TcpEndpoint& resp = f.endpoint(Direction::Resp);
  if (ack && orig.state != TcpState::Inactive) return false;
  const TcpEndpoint& opener = ack ? resp : orig;
  const bool reset = orig.state == TcpState::Reset || resp.state == TcpState::Reset;
  if (!orig.did_close && !resp.did_close) {
    if (p.tcp.seq == opener.start_seq) return false;
    // SYN+ACK and SYN came in the wrong order: the roles will be put right.
    if (!ack && opener.state == TcpState::SynAckSent && resp.state == TcpState::Inactive && p.tcp.seq == resp.start_seq) return false;
    tcp_weird(f, opener.state == TcpState::SynSent ? "SYN_seq_jump" : "active_connection_reuse");
  } else if (!reset && ((orig.state != TcpState::Inactive && !orig.did_close) || (resp.state != TcpState::Inactive && !resp.did_close))) {
    tcp_weird(f, "active_connection_reuse");
  } else if (!reset && p.ts_ns - f.last_ns < config_.timeout_tcp_linger_ns) {
    tcp_weird(f, "premature_connection_reuse");
  }
  return true;
}

}  // namespace sensor
