// The segment that nearly all segments are: the next bytes, or a plain acknowledgement, of an established connection.
#include <algorithm>

#include "history.h"
#include "tcp_machine.h"

namespace sensor {

namespace {

int32_t delta(uint32_t a, uint32_t b) {
  return static_cast<int32_t>(a - b);
}

bool is_plain(const TcpEndpoint& e) {
  return e.state == TcpState::Established && !e.fin_seen && !e.held && !e.given_up && e.unacked >= 0 && !e.no_data_acked();
}

/// Relative number of something at or after the last one, if the distance is one that 32 bits tell: half the space until the numbers
/// have wrapped once.
bool is_tellable(uint64_t relative, uint16_t wraps) {
  return wraps != 0 || relative < (uint64_t{1} << 31);
}

}  // namespace

/// Does what handle() would do, when that is simple; otherwise changes nothing and returns false.
bool TcpMachine::handle_in_order(Flow& f, Direction& sender, const DecodedPacket& p) {
  constexpr uint8_t kControl = tcpflag::kSyn | tcpflag::kFin | tcpflag::kRst | tcpflag::kAck;
  TcpEndpoint& e = f.endpoint(sender);
  TcpEndpoint& peer = f.endpoint(opposite(sender));
  const uint32_t len = p.payload_len;
  if ((p.tcp.flags & kControl) != tcpflag::kAck || !is_plain(e) || !is_plain(peer) || p.payload.size() < len) return false;
  const unsigned letters = unsigned{f.history_seen} >> (sender == Direction::Orig ? 0 : 8);
  if ((letters & (len != 0 ? kHistoryData : kHistoryAck)) == 0) return false;

  const uint64_t rel_seq = e.full_last_seq() - e.start_seq;
  const uint64_t rel_own_ack = e.full_ack_seq() - e.start_seq;
  if (p.tcp.seq != e.last_seq || p.tcp.seq + len < p.tcp.seq || rel_seq != e.delivered || rel_own_ack > rel_seq) return false;
  if (!is_tellable(rel_seq, e.seq_wraps) || e.unacked + int64_t{len} > config_.tcp_max_unacked) return false;

  const int32_t acked = delta(p.tcp.ack, peer.ack_seq);
  const uint64_t rel_ack = peer.full_ack_seq() - peer.start_seq + static_cast<uint32_t>(acked);
  if (acked < 0 || p.tcp.ack < peer.ack_seq || rel_ack > peer.delivered || !is_tellable(rel_ack, peer.ack_wraps)) return false;

  const uint32_t window = uint32_t{p.tcp.window} << e.window_scale;
  if (window == 0 || delta(p.tcp.seq, e.window_seq) < 0 || delta(p.tcp.ack, e.window_ack_seq) < 0) return false;
  if (delta(p.tcp.ack + window, e.window_ack_seq + e.window) < 0) return false;

  e.window = window;
  e.window_ack_seq = p.tcp.ack;
  e.window_seq = p.tcp.seq;
  f.last_ns = p.ts_ns;
  peer.ack_seq = p.tcp.ack;
  peer.unacked = std::min(peer.unacked, static_cast<int32_t>(peer.delivered - rel_ack));
  if (len == 0) return true;
  e.last_seq += len;
  streams_.deliver_next(f, sender, p.payload.first(len));
  return true;
}

}  // namespace sensor
