// The segment that nearly all segments are: the next bytes, or a plain acknowledgement, of an established connection.
#include <algorithm>

#include "history.h"
#include "tcp_machine.h"

namespace sensor {

namespace {

int32_t delta(uint32_t a, uint32_t b) {
  return static_cast<int32_t>(a - b);
}

/// Relative number of something at or after the last one, if the distance is one that 32 bits tell: half the space until the numbers
/// have wrapped once.
bool is_tellable(uint64_t relative, uint16_t wraps) {
  return wraps != 0 || relative < (uint64_t{1} << 31);
}

}  // namespace

/// Whether one side of the connection is as Flow::tcp_in_step says.
bool TcpMachine::is_in_step(const Flow& f, Direction d) {
  const TcpEndpoint& e = f.endpoint(d);
  if (e.state != TcpState::Established || e.fin_seen || e.held || e.given_up || e.no_data_acked()) return false;
  const uint64_t last = e.full_last_seq(), acked = e.full_ack_seq();
  const TcpStream& stream = f.stream(d);
  return acked >= e.start_seq && acked <= last && last - acked <= INT32_MAX && stream.delivered == last - e.start_seq &&
         stream.unacked == static_cast<int32_t>(last - acked);
}

void TcpMachine::settle(Flow& f) {
  if (!f.tcp_in_step) return;
  f.tcp_in_step = false;
  for (const Direction d : {Direction::Orig, Direction::Resp}) {
    const TcpEndpoint& e = f.endpoint(d);
    f.stream(d).delivered = e.full_last_seq() - e.start_seq;
    f.stream(d).unacked = static_cast<int32_t>(e.full_last_seq() - e.full_ack_seq());
  }
}

/// Does what handle() would do, when that is simple; otherwise changes nothing and returns false.
bool TcpMachine::handle_in_order(Flow& f, Direction& sender, const DecodedPacket& p) {
  constexpr uint8_t kControl = tcpflag::kSyn | tcpflag::kFin | tcpflag::kRst | tcpflag::kAck;
  const uint32_t len = p.payload_len;
  if (!f.tcp_in_step || (p.tcp.flags & kControl) != tcpflag::kAck || p.payload.size() < len) return false;
  TcpEndpoint& e = f.endpoint(sender);
  TcpEndpoint& peer = f.endpoint(opposite(sender));
  const unsigned letters = unsigned{f.history_seen} >> (sender == Direction::Orig ? 0 : 8);
  if ((letters & (len != 0 ? kHistoryData : kHistoryAck)) == 0) return false;

  const uint64_t unacked = e.full_last_seq() - e.full_ack_seq() + len;
  if (p.tcp.seq != e.last_seq || p.tcp.seq + len < p.tcp.seq || unacked > std::min<uint64_t>(config_.tcp_max_unacked, INT32_MAX))
    return false;
  if (!is_tellable(e.full_last_seq() - e.start_seq, e.seq_wraps)) return false;

  const int32_t acked = delta(p.tcp.ack, peer.ack_seq);
  const uint64_t full_ack = peer.full_ack_seq() + static_cast<uint32_t>(acked);
  if (acked < 0 || p.tcp.ack < peer.ack_seq || full_ack > peer.full_last_seq()) return false;
  if (!is_tellable(full_ack - peer.start_seq, peer.ack_wraps)) return false;

  const uint32_t window = uint32_t{p.tcp.window} << e.window_scale;
  if (window == 0 || delta(p.tcp.seq, e.window_seq) < 0 || delta(p.tcp.ack, e.window_ack_seq) < 0) return false;
  if (delta(p.tcp.ack + window, e.window_ack_seq + e.window) < 0) return false;

  e.window = window;
  e.window_ack_seq = p.tcp.ack;
  e.window_seq = p.tcp.seq;
  f.last_ns = p.ts_ns;
  streams_.ack_in_step(acked != 0);
  peer.ack_seq = p.tcp.ack;
  if (len == 0) return true;
  e.last_seq += len;
  streams_.tell_next(f, sender, p.payload.first(len));
  return true;
}

}  // namespace sensor
