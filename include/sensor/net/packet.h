// What one packet is, before and after its headers were read.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "sensor/base/byte_reader.h"
#include "sensor/base/time.h"
#include "sensor/net/ip_address.h"

namespace sensor {

/// Link types by their libpcap DLT values (www.tcpdump.org/linktypes.html).
enum class LinkType : uint16_t {
  Null = 0,
  Ethernet = 1,
  Ppp = 9,
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
  uint8_t header_len = 0;    // bytes, options included, as the header says; below 20 the packet ends with the fixed part
  int16_t window_scale = -1;  // -1: option absent; as the packet says, so possibly above the 14 that RFC 7323 allows
};

enum class TunnelType : uint8_t { None, Ip, Gre, Teredo, Ayiya, Gtpv1, Vxlan, Geneve };

/// An anomaly with Zeek's name. Both strings have static storage.
struct Weird {
  std::string_view name;
  std::string_view source;  // analyzer that noticed it, as Zeek names it: "IP", "TCP", "VLAN" …; empty: unset
  std::string_view addl = {};
};

/// The headers of one IP packet. Spans point into the packet (or into the reassembled datagram) and live as long as it does.
struct DecodedPacket {
  TimeNs ts_ns = 0;
  FiveTuple tuple;
  Transport transport = Transport::Unknown;
  bool checksum_ok = true;                      // IP header and transport; always true with -C, and where the capture cut the packet short
  bool is_fragment = false;                     // built from fragments
  uint16_t vlan = 0, inner_vlan = 0;            // VLAN ids, 0: none
  std::array<uint8_t, 6> src_mac{}, dst_mac{};  // zero where the link layer has none
  bool has_mac = false;
  uint8_t ttl = 0;
  uint32_t ip_len = 0;       // IP header and payload as the IP header says: what Zeek counts as ip_bytes
  uint32_t payload_len = 0;  // transport payload by the headers; may exceed payload.size() when the capture cut it
  Bytes ip;                  // from the IP header on, captured part
  Bytes payload;             // transport payload, captured part
  TcpHeader tcp;             // valid for TCP
  bool tcp_cut = false;      // the TCP header says it is longer than the packet or what was captured of it: no payload
  int32_t udp_len = -1;      // UDP: the header's length field (header included), which may contradict ip_len; -1: not UDP
  uint8_t icmp_type = 0, icmp_code = 0;
  TunnelType tunnel = TunnelType::None;  // what carried this packet; None: nothing
  uint8_t tunnel_depth = 0;
};

}  // namespace sensor
