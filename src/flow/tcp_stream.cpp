#include "tcp_stream.h"

#include <algorithm>
#include <cassert>
#include <iterator>

#include "history.h"

namespace sensor {

namespace {

uint64_t trimmed_at(const TcpStream& s) {
  return s.delivered - static_cast<uint64_t>(static_cast<int64_t>(s.unacked));
}

void set_trimmed_at(TcpStream& s, uint64_t seq) {
  const auto unacked = static_cast<int64_t>(s.delivered - seq);
  s.unacked = static_cast<int32_t>(std::clamp<int64_t>(unacked, INT32_MIN, INT32_MAX));
}

void add_unacked(TcpStream& s, uint64_t bytes) {
  s.unacked = static_cast<int32_t>(std::min<int64_t>(int64_t{s.unacked} + static_cast<int64_t>(bytes), INT32_MAX));
}

/// Gaps of other connections come from what we have not seen, not from what the network lost.
bool is_clean(const TcpEndpoint& e) {
  return e.state == TcpState::Established || (e.state == TcpState::Closed && e.prev_state == TcpState::Established);
}

}  // namespace

uint64_t TcpStreams::size(const Flow& f, Direction d) {
  const TcpEndpoint& e = f.endpoint(d);
  // A half-open connection that was discovered and reset: its numbers say nothing of data.
  if (e.prev_state == TcpState::SynSent && e.state == TcpState::Reset && f.endpoint(opposite(d)).state == TcpState::Inactive &&
      !e.no_data_acked())
    return 0;
  uint64_t n = std::max(e.full_last_seq(), e.full_ack_seq()) - e.start_seq;
  if (n != 0) n--;                // the SYN
  if (e.fin_seen && n != 0) n--;  // the FIN
  return n;
}

void TcpStreams::data_sent(Flow& f, Direction& d, uint64_t seq, uint64_t len, Bytes bytes) {
  TcpEndpoint& e = f.endpoint(d);
  if (bytes.size() < len) {
    f.had_weird = true;
    events_.flow_weird(f, {"truncated_tcp_payload", "TCP"});
    return;
  }
  if (e.given_up) return;
  const uint64_t end = seq + len;
  const TcpStream& stream = f.stream(d);
  const uint64_t from = std::max(seq, trimmed_at(stream));
  if (from >= end) return;
  bytes = bytes.first(len).subspan(from - seq);
  if (from <= stream.delivered && !e.held) {  // the common case: nothing is missing
    if (end > stream.delivered) deliver_new(f, d, end, bytes.subspan(stream.delivered - from));
  } else {
    insert(f, d, from, end, bytes);
  }
  check_limits(f, d);
}

void TcpStreams::tell_data(Flow& f, Direction& d, Bytes bytes) {
  if (!f.wants(d)) return;
  const bool orig_was_second = f.orig_is_second;
  events_.flow_data(f, d, bytes);
  if (f.orig_is_second != orig_was_second) d = opposite(d);
}

void TcpStreams::tell_gap(Flow& f, Direction& d, uint64_t bytes) {
  if (!f.wants(d)) return;
  const bool orig_was_second = f.orig_is_second;
  events_.flow_gap(f, d, bytes);
  if (f.orig_is_second != orig_was_second) d = opposite(d);
}

void TcpStreams::deliver_new(Flow& f, Direction& d, uint64_t end, Bytes bytes) {
  TcpStream& s = f.stream(d);
  add_unacked(s, end - s.delivered);
  s.delivered = end;
  tell_data(f, d, bytes);
  after_delivery(f, d);
}

void TcpStreams::after_delivery(Flow& f, Direction& d) {
  TcpStream& s = f.stream(d);
  // A peer that acknowledges nothing is probably invisible to us: do not wait for it.
  if (s.unacked > 0 && f.endpoint(d).no_data_acked() && size(f, d) > config_.tcp_max_initial_window) s.unacked = 0;
}

/// Places the parts of [seq, end) that no earlier segment has brought.
void TcpStreams::insert(Flow& f, Direction& d, uint64_t seq, uint64_t end, Bytes bytes) {
  seq = std::max(seq, f.stream(d).delivered);
  while (seq < end) {
    uint64_t stop = end;
    if (f.endpoint(d).held) {
      const HeldMap& held = extras_.of(f).held[index(d)];
      auto next = held.upper_bound(seq);
      if (next != held.begin()) seq = std::max(seq, std::prev(next)->second.end);
      for (; next != held.end() && next->first <= seq; ++next) seq = std::max(seq, next->second.end);
      if (seq >= end) break;
      if (next != held.end()) stop = std::min(end, next->first);
    }
    const Bytes part = bytes.last(end - seq).first(stop - seq);
    if (seq == f.stream(d).delivered) {
      deliver_new(f, d, stop, part);
      deliver_held(f, d);
    } else {
      hold(f, d, seq, stop, part);
    }
    seq = std::max(stop, f.stream(d).delivered);
  }
}

void TcpStreams::hold(Flow& f, Direction& d, uint64_t seq, uint64_t end, Bytes bytes) {
  FlowExtra& x = extras_.of(f);
  HeldMap& held = x.held[index(d)];
  const bool keep = f.wants(d);
  counters_.add(FlowCounter::HeldSegments);
  while (seq < end) {
    const uint64_t n = keep ? std::min<uint64_t>(end - seq, SegmentPool::kLarge) : end - seq;
    auto piece = keep ? extras_.segments().store(bytes.first(n)) : SegmentPool::Piece{};
    if (keep && piece.data == nullptr) {
      counters_.add(FlowCounter::LostHeldMemory);
      counters_.add(FlowCounter::LostHeldBytes, n);
    }
    auto next = held.lower_bound(seq);
    if (next != held.begin() && std::prev(next)->second.end == seq && extras_.segments().append(std::prev(next)->second.piece, piece)) {
      std::prev(next)->second.end = seq + n;  // neighbours grow together, so that a flood of tiny segments costs few entries
    } else if (held.size() >= config_.tcp_max_held_segments) {
      extras_.segments().free(piece);
      counters_.add(FlowCounter::LostHeldSegments);
      counters_.add(FlowCounter::LostHeldBytes, end - seq);
      return;
    } else {
      held.emplace_hint(next, seq, HeldSegment{seq + n, piece});
    }
    x.held_bytes[index(d)] += n;
    f.endpoint(d).held = true;
    bytes = bytes.subspan(n);
    seq += n;
  }
}

/// Hands on the segments that no hole keeps back any more.
void TcpStreams::deliver_held(Flow& f, Direction& d) {
  if (!f.endpoint(d).held) return;
  FlowExtra& x = extras_.of(f);
  while (f.endpoint(d).held) {
    TcpStream& s = f.stream(d);
    HeldMap& held = x.held[index(d)];
    if (held.begin()->first != s.delivered) break;
    HeldSegment segment = held.begin()->second;
    const uint64_t n = segment.end - s.delivered;
    held.erase(held.begin());
    x.held_bytes[index(d)] -= n;
    f.endpoint(d).held = !held.empty();
    s.delivered = segment.end;
    add_unacked(s, n);
    if (segment.piece.data != nullptr) {
      tell_data(f, d, segment.piece.bytes());
      extras_.segments().free(segment.piece);
    } else {
      tell_gap(f, d, n);
    }
  }
  after_delivery(f, d);
}

void TcpStreams::check_limits(Flow& f, Direction& d) {
  const TcpEndpoint& e = f.endpoint(d);
  const TcpStream& s = f.stream(d);
  if (!e.held && s.unacked <= static_cast<int64_t>(config_.tcp_max_unacked)) return;
  uint64_t above_hole = 0, held_bytes = 0;
  if (e.held) {
    const FlowExtra& x = *extras_.find(f);
    above_hole = x.held[index(d)].rbegin()->second.end - s.delivered;
    held_bytes = x.held_bytes[index(d)];
  }
  if (e.no_data_acked() && config_.tcp_max_above_hole_without_any_acks != 0 && above_hole > config_.tcp_max_above_hole_without_any_acks)
    give_up_stream(f, d, "above_hole_data_without_any_acks");
  else if (config_.tcp_max_unacked != 0 && static_cast<uint64_t>(std::max(s.unacked, 0)) + held_bytes > config_.tcp_max_unacked)
    give_up_stream(f, d, "excessive_data_without_further_acks");
}

void TcpStreams::give_up_stream(Flow& f, Direction& d, std::string_view weird) {
  TcpEndpoint& e = f.endpoint(d);
  if (e.held) extras_.drop_held(extras_.of(f), index(d), false);
  e.held = false;
  e.given_up = true;
  counters_.add(FlowCounter::StreamsGivenUp);
  f.had_weird = true;
  events_.flow_weird(f, {weird, "TCP"});
}

bool TcpStreams::ack_received(Flow& f, Direction& d, uint64_t seq) {
  // The FIN's own number is no byte. (A FIN just before the start leaves nothing to acknowledge.)
  if (f.endpoint(d).fin_seen && seq >= f.fin_seq(d)) seq = f.fin_seq(d) == 0 ? 0 : f.fin_seq(d) - 1;
  if (seq <= trimmed_at(f.stream(d))) return false;
  // Zeek's measure of what the capture loses (policy/misc/capture-loss): acknowledgements of bytes that were not seen.
  const bool measured =
      !f.endpoint(d).given_up && f.endpoint(d).state == TcpState::Established && f.endpoint(opposite(d)).state == TcpState::Established;
  const uint64_t gaps = counters_.get(FlowCounter::Gaps);
  trim(f, d, seq);
  if (measured) {
    counters_.add(FlowCounter::Acks);
    counters_.add(FlowCounter::AcksAboveGaps, counters_.get(FlowCounter::Gaps) != gaps);
  }
  return true;
}

void TcpStreams::trim(Flow& f, Direction& d, uint64_t seq) {
  if (seq > f.stream(d).delivered) give_up_below(f, d, seq);
  deliver_held(f, d);
  set_trimmed_at(f.stream(d), seq);
}

/// The peer has everything below `seq`; what we have not seen of it will not come again.
void TcpStreams::give_up_below(Flow& f, Direction& d, uint64_t seq) {
  // The start of a connection seen from its middle was invented: its first bytes are not missing.
  if (seq <= 2 && f.tcp_partial) return;
  if (!f.endpoint(d).given_up) {
    while (f.endpoint(d).held) {
      const uint64_t start = extras_.of(f).held[index(d)].begin()->first;
      if (start >= seq) break;
      gap(f, d, start - f.stream(d).delivered);
      f.stream(d).delivered = start;
      deliver_held(f, d);
    }
    if (seq > f.stream(d).delivered) gap(f, d, seq - f.stream(d).delivered);
  }
  f.stream(d).delivered = std::max(f.stream(d).delivered, seq);
}

void TcpStreams::gap(Flow& f, Direction& d, uint64_t bytes) {
  counters_.add(FlowCounter::Gaps);
  counters_.add(FlowCounter::GapBytes, bytes);
  if (is_clean(f.endpoint(d)) && is_clean(f.endpoint(opposite(d)))) {
    FlowExtra& x = extras_.of(f);
    add_scaled_history(f, extras_, d, x.gaps[index(d)], 'G');
    x.missed_bytes += bytes;
  }
  tell_gap(f, d, bytes);
}

bool TcpStreams::data_pending(const Flow& f, Direction d) const {
  const TcpEndpoint& e = f.endpoint(d);
  if (e.given_up) return false;
  const uint64_t delivered = e.start_seq + f.stream(d).delivered;
  const uint64_t last = e.full_last_seq();
  if (last < delivered) return false;
  // The FIN takes a number, a RST does not.
  if (delivered != last - 1 && delivered != last) return true;
  return e.state != TcpState::Reset && has_undelivered(f, opposite(d));
}

}  // namespace sensor
