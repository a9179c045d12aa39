// The long way of decoding, and whether two decoded packets say the same.
#pragma once

#include <algorithm>

#include "src/net/decode_run.h"

namespace sensor::test {

/// Decodes step by step, whatever the packet is.
inline DecodeStatus decode_step_by_step(const PacketView& packet, bool ignore_checksums, DecodeCounters& counters, DecodedPacket& out) {
  const DecodeOptions options{.ignore_checksums = ignore_checksums};
  DecodeRun run(options, counters, out);
  run.reset();
  out.ts_ns = packet.ts_ns;
  run.begin(packet.data, packet.wire_len);
  return run.run(first_layer(packet.link));
}

inline bool same_bytes(Bytes a, Bytes b) {
  return a.size() == b.size() && (a.empty() || a.data() == b.data());
}

/// Everything that is valid after DecodeStatus::Packet.
inline bool same_packet(const DecodedPacket& a, const DecodedPacket& b) {
  const bool tcp = a.transport != Transport::Tcp ||
                   (a.tcp.seq == b.tcp.seq && a.tcp.ack == b.tcp.ack && a.tcp.window == b.tcp.window && a.tcp.flags == b.tcp.flags &&
                    a.tcp.header_len == b.tcp.header_len && a.tcp.window_scale == b.tcp.window_scale);
  return tcp && a.ts_ns == b.ts_ns && a.tuple == b.tuple && a.transport == b.transport && a.checksum_ok == b.checksum_ok &&
         a.tcp_cut == b.tcp_cut && a.is_fragment == b.is_fragment && a.has_mac == b.has_mac && a.ip_version == b.ip_version &&
         a.ttl == b.ttl && a.tunnel == b.tunnel && a.tunnel_depth == b.tunnel_depth && a.analyzer_depth == b.analyzer_depth &&
         a.vlan == b.vlan && a.inner_vlan == b.inner_vlan && a.udp_len == b.udp_len && a.ip_len == b.ip_len &&
         a.payload_len == b.payload_len && a.cap_len == b.cap_len && a.wire_len == b.wire_len && same_bytes(a.ip, b.ip) &&
         same_bytes(a.payload, b.payload) && a.src_mac == b.src_mac && a.dst_mac == b.dst_mac && same_bytes(a.more_frames, b.more_frames) &&
         std::ranges::equal(a.weirds, b.weirds, [](const DecodeWeird& x, const DecodeWeird& y) { return x.what == y.what; });
}

}  // namespace sensor::test
