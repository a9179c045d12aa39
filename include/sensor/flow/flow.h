// One connection: everything conn.log will say about it, in 256 bytes.
//
// The first two cache lines are all that a packet of UDP, ICMP or another protocol needs, the third is enough for a TCP segment in order.
// What few connections need (gaps, checksum errors, segments beyond a hole, long histories) lives in FlowExtra, allocated on demand.
#pragma once

#include <array>
#include <cstdint>
#include <limits>

#include "sensor/base/time.h"
#include "sensor/net/direction.h"
#include "sensor/net/packet.h"

namespace sensor {

/// Position of a flow in its FlowTable; constant while the flow lives, then reused.
using FlowIndex = uint32_t;
inline constexpr FlowIndex kNoFlow = std::numeric_limits<FlowIndex>::max();

inline constexpr TimeNs kNever = std::numeric_limits<TimeNs>::max();

/// The two ends in an order that does not depend on who sent the packet, so both directions find the same flow.
/// One-way ICMP messages keep the packet's order, as in Zeek.
struct FlowKey {
  std::array<IpAddress, 2> addr;
  std::array<uint16_t, 2> port{};
  uint8_t ip_proto = 0;
  uint8_t vlan_id = 0;  // a number for its VLAN, where connections are told apart by it; else 0

  bool operator==(const FlowKey& o) const {
    // The ports one by one: comparing the arrays calls memcmp().
    return port[0] == o.port[0] && port[1] == o.port[1] && addr[0] == o.addr[0] && addr[1] == o.addr[1] && ip_proto == o.ip_proto &&
           vlan_id == o.vlan_id;
  }
};

/// How far one side of a TCP connection has come, in Zeek's terms.
enum class TcpState : uint8_t {
  Inactive,     // nothing seen from this side
  SynSent,      // its SYN
  SynAckSent,   // its SYN+ACK, without a SYN from the other side
  Partial,      // data or ACKs without a SYN
  Established,  // handshake complete, as far as this side is concerned
  Closed,       // its FIN
  Reset,        // its RST
};

/// One side of a TCP connection: what every segment looks at. Sequence numbers are the packet's unless they are called relative; relative
/// ones count from start_seq, so that a SYN is at 0 and the first byte of data at 1.
struct TcpEndpoint {
  uint32_t start_seq = 0;       // of the SYN, or one below the first number seen
  uint32_t last_seq = 0;        // one past the highest number this side has sent
  uint32_t ack_seq = 0;         // highest number the peer has acknowledged
  uint32_t window = 0;          // bytes, scaled, as last advertised
  uint32_t window_ack_seq = 0;  // acknowledgement and sequence number of the packet that advertised it
  uint32_t window_seq = 0;
  uint16_t seq_wraps = 0;     // times last_seq passed zero
  uint16_t ack_wraps = 0;     // times ack_seq passed zero
  uint16_t fin_seq_high = 0;  // above TcpStream::fin_seq_low
  TcpState state : 3 = TcpState::Inactive;
  TcpState prev_state : 3 = TcpState::Inactive;
  bool did_close : 1 = false;  // its end was reported: FIN or RST seen, and nothing of its stream outstanding
  bool did_eof : 1 = false;    // the reader was told that the stream ended
  uint8_t window_scale : 4 = 0;
  bool fin_seen : 1 = false;
  bool given_up : 1 = false;  // a limit was hit: nothing more is handed on
  bool held : 1 = false;      // FlowExtra holds segments beyond a hole
  bool seen : 1 = false;      // a valid segment came from this side

  uint64_t full_last_seq() const { return (uint64_t{seq_wraps} << 32) + last_seq; }
  uint64_t full_ack_seq() const { return (uint64_t{ack_wraps} << 32) + ack_seq; }
  /// Nothing but, at most, the SYN was acknowledged.
  bool no_data_acked() const { return full_ack_seq() == start_seq || full_ack_seq() == uint64_t{start_seq} + 1; }
};
static_assert(sizeof(TcpEndpoint) == 32);

/// The rest of a side, which segments in order need not look at.
struct TcpStream {
  uint64_t delivered = 1;    // relative: everything below was handed on or given up; see Flow::tcp_in_step
  int32_t unacked = 0;       // delivered bytes that still wait for their acknowledgement; negative: acknowledged and never seen
  uint32_t history_syn = 0;  // relative numbers, in 32 bits, of the last SYN, FIN and RST that the history mentions
  uint32_t history_fin = 0;
  uint32_t history_rst = 0;
  uint32_t fin_seq_low = 0;  // relative, 48 bits with TcpEndpoint::fin_seq_high: one past the FIN; valid once fin_seen
  uint32_t retransmits = 0;  // packets whose bytes were sent before
};
static_assert(sizeof(TcpStream) == 32);

/// Both sides of a UDP or ICMP exchange.
struct DatagramState {
  std::array<int64_t, 2> payload_bytes{-1, -1};  // by direction; -1: nothing came from this side
  // From time to time the connection is ended if it was silent for a while.
  uint32_t idle_check_period_ms = 0;
  uint32_t idle_check_min_ms = 0;
  TimeNs next_idle_check_ns = kNever;
};

/// Packets and bytes of one direction. Counts what Zeek counts: packets with a good checksum.
struct DirectionCounters {
  uint64_t packets : 40 = 0;
  uint64_t zero_windows : 24 = 0;
  uint64_t ip_bytes = 0;  // by the IP header, headers included
};

/// What the one hard deadline of a flow means.
enum class DeadlineKind : uint8_t { None, Attempt, Close };

struct alignas(64) Flow {
  // Line 0: who, when due.
  FlowKey key;
  Transport transport : 2 = Transport::Unknown;
  bool orig_is_second : 1 = false;  // the originator is key.addr[1]
  bool in_use : 1 = false;
  bool busy : 1 = false;       // a handler is at work on it: it must not be removed
  bool had_weird : 1 = false;  // any weird was raised: some of Zeek's are raised only as the first
  DeadlineKind deadline_kind : 2 = DeadlineKind::None;
  bool tcp_active : 1 = true;    // neither finished nor reset has been concluded
  bool tcp_partial : 1 = false;  // began without a SYN
  bool tcp_close_deferred : 1 = false;
  bool tcp_finish_deferred : 1 = false;
  // Both streams are established and without a gap: what TcpStream::delivered and unacked would be follows from the endpoints' numbers,
  // and the fields themselves are old until TcpMachine settles them.
  bool tcp_in_step : 1 = false;
  // What the owner of the connection wants to be called for; the tracker never sets them.
  bool want_packets : 1 = false;   // on_packet()
  bool want_orig : 1 = false;      // bytes or datagrams of the originator
  bool want_resp : 1 = false;      // bytes or datagrams of the responder
  FlowIndex timer_prev = kNoFlow;  // neighbours in the timer wheel's slot
  FlowIndex timer_next = kNoFlow;
  TimeNs hard_deadline_ns = kNever;
  uint32_t timeout_idle_ms = 0;  // 0: none
  uint32_t session = 0;          // the owner's handle; 0 in a new flow, the tracker does not look at it

  // Line 1: what conn.log says of every protocol.
  TimeNs start_ns = 0;
  TimeNs last_ns = 0;
  std::array<DirectionCounters, 2> dir;
  uint64_t history = 0;       // packed letters, see src/flow/history.h
  uint32_t extra = 0;         // FlowExtra's handle; 0: none
  uint16_t history_seen = 0;  // letters that are mentioned once, a byte per direction
  uint16_t timer_slot = 0;

  // Line 2, by transport, and line 3 of TCP.
  union {
    std::array<TcpEndpoint, 2> tcp;
    DatagramState datagram;
  };
  std::array<TcpStream, 2> tcp_stream;

  Flow() : tcp{} {}

  const IpAddress& orig_addr() const { return key.addr[orig_is_second ? 1 : 0]; }
  const IpAddress& resp_addr() const { return key.addr[orig_is_second ? 0 : 1]; }
  uint16_t orig_port() const { return key.port[orig_is_second ? 1 : 0]; }
  uint16_t resp_port() const { return key.port[orig_is_second ? 0 : 1]; }
  /// The role of key.addr[second ? 1 : 0].
  Direction role_of(bool second) const { return second == orig_is_second ? Direction::Orig : Direction::Resp; }
  bool wants(Direction d) const { return d == Direction::Orig ? want_orig : want_resp; }
  TcpEndpoint& endpoint(Direction d) { return tcp[index(d)]; }
  const TcpEndpoint& endpoint(Direction d) const { return tcp[index(d)]; }
  TcpStream& stream(Direction d) { return tcp_stream[index(d)]; }
  const TcpStream& stream(Direction d) const { return tcp_stream[index(d)]; }
  uint64_t fin_seq(Direction d) const { return uint64_t{endpoint(d).fin_seq_high} << 32 | stream(d).fin_seq_low; }
  void set_fin_seq(Direction d, uint64_t relative) {
    stream(d).fin_seq_low = static_cast<uint32_t>(relative);
    endpoint(d).fin_seq_high = static_cast<uint16_t>(relative >> 32);
  }
};
static_assert(sizeof(FlowKey) == 38);
static_assert(sizeof(Flow) == 256);

}  // namespace sensor
