// Bytes of one packet -> headers.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "sensor/net/decode_counters.h"
#include "sensor/net/packet.h"

namespace sensor {

/// The two ends of an IP packet.
struct AddressPair {
  IpAddress src, dst;
};

struct DecodeOptions {
  bool ignore_checksums = false;  // -C
};

/// What decoding came to.
enum class DecodeStatus : uint8_t {
  Packet,    // an IP packet with its transport: look up its connection
  Fragment,  // hand it to FragmentReassembler::add
  Arp,       // an ARP or RARP packet, in DecodedPacket::payload
  Nothing,   // nothing to look up; the weirds may say why
};

/// What the decoder must remember of a UDP connection to tell whether it is a tunnel. Zero at the start; the session keeps it.
struct UdpTunnelState {
  uint8_t confirmed = 0;                        // bit per UDP tunnel protocol
  uint8_t violated = 0;                         // bit per UDP tunnel protocol
  bool valid_orig = false, valid_resp = false;  // Teredo: this side has sent a valid packet
};

/// Which tunnel a UDP payload may be, by Zeek's ports and contents.
enum class UdpTunnel : uint8_t { None, Teredo, Ayiya, Gtpv1, Vxlan, Geneve, Gre };

/// What decode_udp_tunnel found besides the inner packet.
struct UdpTunnelResult {
  DecodeStatus status = DecodeStatus::Nothing;
  UdpTunnel tunnel = UdpTunnel::None;
  bool confirmed = false;        // confirmed by this packet: `service` joins the connection's service column
  std::string_view violation;    // not empty: violated by this packet for this reason; `service` stays
  Bytes violation_data;          // what Zeek shows of the payload beside the reason; may be empty
  bool history_unknown = false;  // the connection's history gets an 'X' (too deep to follow)
  std::string_view service;      // Zeek's analyzer name in lower case
};

/// The tunnel that a datagram to this port may be, by its port and, where there is none, by its content.
UdpTunnel udp_tunnel_of(uint16_t dst_port, Bytes payload);

/// Reads headers: link layer, IP, tunnels directly over IP (their carriers make no connection), transport. UDP tunnels are a second
/// step, because Zeek makes a connection of their carrier first. Allocates nothing, calls nothing virtual. A worker owns one.
class Decoder {
 public:
  /// `counters` outlives the decoder; the calling thread is its writer.
  Decoder(DecodeOptions options, DecodeCounters* counters) : options_(options), counters_(*counters) {}

  /// Fills `out` from a captured packet.
  DecodeStatus decode(const PacketView& packet, DecodedPacket& out);
  /// Continues with `packet`, which was a fragment, as the datagram it completed. `datagram` is the IP packet put together: its header
  /// (of the first fragment that came, in IPv6 without the fragment header) and all data; it outlives the use of `packet`.
  DecodeStatus decode_datagram(Bytes datagram, uint8_t next_proto, DecodedPacket& packet);
  /// The next packet of an 802.11 aggregate, into the same `packet`, whose more_frames is not empty.
  DecodeStatus decode_next(DecodedPacket& packet);

  /// Tries the payload of a UDP packet as a tunnel, and fills `inner` from what it carries. `carrier` is the connection: addresses and
  /// ports from originator to responder, and the session's mark; `from_orig` says who sent `outer`. `inner.weirds` also takes those
  /// about `outer` (Kind::ParentConn). Common case None: costs a few comparisons.
  UdpTunnelResult decode_udp_tunnel(const DecodedPacket& outer, const Encapsulation& carrier, bool from_orig, UdpTunnelState& state,
                                    DecodedPacket& inner);

  /// The addresses between which the outermost IP packet of a frame travels; nothing for frames without IP. Both directions of a
  /// connection, its fragments and its tunnel have the same pair, so it can choose the worker. Overwrites `scratch`.
  std::optional<AddressPair> outermost_addresses(const PacketView& packet, DecodedPacket& scratch);

  const DecodeCounters& counters() const { return counters_; }
  /// Reports an anomaly of a fragment: in its list of weirds and in the counters.
  void fragment_weird(DecodedPacket& packet, DecodeCounter what, const IpAddress& src, const IpAddress& dst);

 private:
  DecodeOptions options_for(bool checksums_pending) const { return {options_.ignore_checksums || checksums_pending}; }

  DecodeOptions options_;
  DecodeCounters& counters_;
};

}  // namespace sensor
