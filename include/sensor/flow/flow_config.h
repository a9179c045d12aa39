// Limits and timeouts of connection tracking. The defaults of the times and of the limits in bytes that shape a log are Zeek's.
#pragma once

#include <cstddef>
#include <cstdint>

#include "sensor/base/time.h"

namespace sensor {

struct FlowConfig {
  /// Connections one worker can hold, 64 at least; memory for all of them is reserved at start, and touched as it is needed.
  uint32_t capacity = 1'000'000;
  /// Equal addresses and ports in two VLANs are two connections. Zeek's conn_key/vlan_fivetuple.
  bool key_by_vlan = false;
  /// Seed of the table's hash: random live, fixed in tests and replay.
  uint64_t hash_seed = 0;

  DurationNs timeout_tcp_attempt_ns = 5 * kSecond;         // a SYN without an answer
  DurationNs timeout_tcp_linger_ns = 5 * kSecond;          // nothing but bad packets, or closed in a disorderly way
  DurationNs timeout_tcp_close_ns = 5 * kSecond;           // closed by both sides or reset: how long late packets still belong to it
  DurationNs timeout_tcp_handshake_idle_ns = 1 * kMinute;  // idle before the handshake is complete
  DurationNs timeout_tcp_idle_ns = 5 * kMinute;
  DurationNs timeout_udp_idle_ns = 1 * kMinute;
  DurationNs timeout_icmp_idle_ns = 1 * kMinute;
  DurationNs timeout_unknown_ip_idle_ns = 1 * kMinute;
  DurationNs timeout_interactive_idle_ns = 60 * kMinute;  // established TCP on ports 21, 22, 23 and 513

  /// Bytes beyond a hole while the peer has acknowledged nothing at all: beyond it the stream is given up.
  uint32_t tcp_max_above_hole_without_any_acks = 16'384;
  /// Bytes seen and not acknowledged: beyond it the stream is given up.
  uint32_t tcp_max_unacked = 10 * 1024 * 1024;
  /// Bytes sent while nothing was acknowledged, after which the peer is taken to be invisible and its acknowledgements are not waited for.
  uint32_t tcp_max_initial_window = 16'384;
  /// Segments beyond a hole that one direction may wait with; more are treated as lost.
  uint32_t tcp_max_held_segments = 8'192;
  /// Bytes that all connections of one worker may hold beyond holes while somebody reads them; more are treated as lost.
  size_t reassembly_bytes_max = 64U << 20;
};

}  // namespace sensor
