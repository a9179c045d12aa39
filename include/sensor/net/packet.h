// What one packet is, before and after its headers were read.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "sensor/base/byte_reader.h"
#include "sensor/base/time.h"
#include "sensor/net/decode_counters.h"
#include "sensor/net/ip_address.h"

namespace sensor {

/// Link types by their libpcap DLT values (www.tcpdump.org/linktypes.html).
enum class LinkType : uint16_t {
  Null = 0,
  Ethernet = 1,
  Ppp = 9,
  Fddi = 10,
  PppSerial = 50,
  RawIpDlt = 12,
  RawIpOpenBsd = 14,
  RawIp = 101,
  Ieee80211 = 105,
  Loop = 108,
  LinuxSll = 113,
  Ieee80211Radiotap = 127,
  Ieee80211Avs = 163,
  Ipv4 = 228,
  Ipv6 = 229,
  Nflog = 239,
  LinuxSll2 = 276,
};

/// One captured packet. The bytes belong to the PacketBatch it came in.
struct PacketView {
  Bytes data;             // captured bytes, from the link layer on
  TimeNs ts_ns = 0;       // capture time
  uint32_t wire_len = 0;  // bytes on the wire; >= data.size() unless the file lies
  LinkType link = LinkType::Ethernet;
  bool checksums_pending = false;  // sent by this host: the card fills its checksums in later
};

/// IANA protocol numbers the sensor names.
namespace ipproto {
inline constexpr uint8_t kHopOpts = 0, kIcmp = 1, kIgmp = 2, kIpip = 4, kTcp = 6, kUdp = 17, kIpv6 = 41, kRouting = 43, kFragment = 44,
                         kGre = 47, kEsp = 50, kAh = 51, kIcmpv6 = 58, kNoNext = 59, kDstOpts = 60, kMobility = 135;
}

/// How conn.log names the transport.
enum class Transport : uint8_t { Unknown, Tcp, Udp, Icmp };

/// Source and destination as they stand in the packet; ports in host order. For ICMP the ports are what Zeek makes of type and
/// code (flow decides); for other protocols they are 0.
struct FiveTuple {
  IpAddress src, dst;
  uint16_t src_port = 0, dst_port = 0;
  uint8_t ip_proto = 0;

  bool operator==(const FiveTuple&) const = default;
};

/// The same value for both directions of a connection, ports left out: chooses the worker in replay.
uint64_t symmetric_address_hash(const IpAddress& a, const IpAddress& b, uint64_t seed);

namespace tcpflag {
inline constexpr uint8_t kFin = 1, kSyn = 2, kRst = 4, kPsh = 8, kAck = 16, kUrg = 32;
}

/// A TCP header (RFC 9293 section 3.1) and the options a flow needs.
struct TcpHeader {
  uint32_t seq = 0, ack = 0;
  uint16_t window = 0;
  uint8_t flags = 0;
  uint8_t header_len = 0;     // bytes, options included, as the header says; below 20 the packet ends with the fixed part
  int16_t window_scale = -1;  // -1: option absent; as the packet says, so possibly above the 14 that RFC 7323 allows
};

/// What a packet was carried in, as tunnel.log names it. Http and Socks are proxies, which the session reports.
enum class TunnelType : uint8_t { None, Ip, Gre, Teredo, Ayiya, Gtpv1, Vxlan, Geneve, Http, Socks };

/// More nested tunnels are not followed (Zeek's Tunnel::max_depth).
inline constexpr size_t kMaxTunnelDepth = 4;

/// One tunnel around a packet. IP and GRE tunnels: the addresses of the carrying packet, no ports. UDP tunnels: the carrying connection.
struct Encapsulation {
  IpAddress src, dst;
  uint16_t src_port = 0, dst_port = 0;
  uint8_t ip_proto = 0;  // of the carrying packet
  TunnelType type = TunnelType::None;
  // A mark that the decoder only carries along: the session keeps the tunnel's uid in it.
  uint32_t owner_lo = 0;
  uint64_t owner_hi = 0;
};

/// An anomaly with Zeek's name. Both strings have static storage.
struct Weird {
  std::string_view name;
  std::string_view source;  // analyzer that noticed it, as Zeek names it: "IP", "TCP", "VLAN" …; empty: unset
  std::string_view addl = {};
};

/// Text of bounded length that needs no allocation.
struct ShortText {
  std::array<char, 23> chars;
  uint8_t size = 0;

  std::string_view view() const { return {chars.data(), size}; }
};

/// An anomaly found while reading headers. Those that Zeek reports with the packet's own connection are not among them: the fields of
/// DecodedPacket tell (checksum_ok, tcp_cut, tcp.header_len, udp_len), and the flow reports them.
struct DecodeWeird {
  /// What weird.log shows of it: nothing, the two addresses (ports 0), or the connection of the UDP tunnel that carried the packet.
  enum class Kind : uint8_t { Net, Flow, ParentConn };

  DecodeCounter what;
  Kind kind = Kind::Net;
  bool in_tunnel = false;
  std::string_view source;  // Zeek's analyzer name, static storage; empty: unset
  ShortText addl;           // empty: unset
  IpAddress src, dst;       // Flow only

  std::string_view name() const { return weird_name(what, in_tunnel); }
};

/// The anomalies of one packet, in the order in which they were found.
class DecodeWeirds {
 public:
  static constexpr size_t kCapacity = 8;

  /// A new entry, or null when the list is full.
  DecodeWeird* add() { return size_ < kCapacity ? &items_[size_++] : nullptr; }
  void clear() { size_ = 0; }
  bool empty() const { return size_ == 0; }
  size_t size() const { return size_; }
  const DecodeWeird* begin() const { return items_.data(); }
  const DecodeWeird* end() const { return items_.data() + size_; }

 private:
  uint32_t size_ = 0;
  std::array<DecodeWeird, kCapacity> items_;
};

/// Where a fragment belongs in its datagram (RFC 791 section 3.1, RFC 8200 section 4.5).
struct FragmentInfo {
  uint32_t id = 0;
  uint16_t offset = 0;      // bytes
  uint16_t header_len = 0;  // IP header and, in IPv6, the extension headers up to and including the fragment header
  bool more = false;
  bool dont_fragment = false;
  uint8_t next_proto = 0;  // what the datagram carries
};

/// The headers of one IP packet. Spans point into the packet (or into the reassembled datagram) and live as long as it does.
/// Meant to be kept and filled again: filling it writes only what the packet has.
struct DecodedPacket {
  TimeNs ts_ns = 0;
  TimeNs clock_ns = 0;  // the latest time of all packets so far, set by the worker: what timeouts and the order of records go by
  FiveTuple tuple;      // addresses as Zeek takes them: a home address and a routing header's last hop replace those of the IPv6 header
  Transport transport = Transport::Unknown;
  bool checksum_ok = true;         // transport; always true with -C or checksums_pending, and where the capture cut the packet short
  bool tcp_cut = false;            // the TCP header says it is longer than the packet or what was captured of it: no payload
  bool is_fragment = false;        // built from fragments
  bool checksums_pending = false;  // of the PacketView: checksums were not looked at
  bool has_mac = false;
  uint8_t ip_version = 4;
  uint8_t ttl = 0;
  uint8_t icmp_type = 0, icmp_code = 0;
  uint32_t icmp_rest = 0;                // second word of the ICMP header
  TunnelType tunnel = TunnelType::None;  // what carried this packet: the type of the innermost of tunnels(); None: nothing
  uint8_t tunnel_depth = 0;
  uint8_t analyzer_depth = 0;          // headers followed so far, tunnels included
  uint16_t vlan = 0, inner_vlan = 0;   // VLAN ids, 0: none
  int32_t udp_len = -1;                // UDP: the header's length field (header included), which may contradict payload_len; -1: not UDP
  uint32_t ip_len = 0;                 // IP header and payload as the IP header says: what Zeek counts as ip_bytes
  uint32_t payload_len = 0;            // transport payload by the IP header, or, where that says 0, by the capture; exceeds
                                       // payload.size() when the capture cut it
  uint32_t cap_len = 0, wire_len = 0;  // of the frame, or of the tunnelled packet, captured and on the wire
  Bytes ip;                            // from the IP header on, captured part
  Bytes payload;                       // transport payload, captured part; after DecodeStatus::Arp: the ARP packet
  TcpHeader tcp;                       // valid for TCP
  std::array<uint8_t, 6> src_mac{}, dst_mac{};  // zero where the link layer has none
  FragmentInfo fragment;                        // valid after DecodeStatus::Fragment
  Bytes more_frames;                            // rest of an 802.11 aggregate: see Decoder::decode_next
  uint8_t more_frames_tunnel_depth = 0;         // tunnels around that aggregate
  DecodeWeirds weirds;
  std::array<Encapsulation, kMaxTunnelDepth> tunnel_stack;  // outermost first; tunnel_depth are valid

  std::span<const Encapsulation> tunnels() const { return {tunnel_stack.data(), tunnel_depth}; }
};

}  // namespace sensor
