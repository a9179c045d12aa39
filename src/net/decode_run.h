// One packet on its way through the headers. Private to src/net.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

#include "sensor/net/decoder.h"

namespace sensor {

/// Zeek's analyzer names, as weird.log shows them in its source column.
namespace source {
inline constexpr std::string_view kEthernet = "ETHERNET", kVlan = "VLAN", kLlc = "LLC", kSnap = "SNAP", kNovell = "NOVELL_802_3",
                                  kNull = "NULL", kPpp = "PPP", kPppSerial = "PPPSERIAL", kPppoe = "PPPOE", kVntag = "VNTAG", kPbb = "PBB",
                                  kMpls = "MPLS", kSll = "LINUXSLL", kSll2 = "LINUXSLL2", kNflog = "NFLOG", kFddi = "FDDI",
                                  kWifi = "IEEE802_11", kRadiotap = "IEEE802_11_RADIO", kArp = "ARP", kRoot = "ROOT", kIp = "IP",
                                  kIpTunnel = "IPTUNNEL", kGre = "GRE", kTcp = "TCP", kUdp = "UDP", kIcmp = "ICMP", kTeredo = "TEREDO",
                                  kAyiya = "AYIYA", kGtpv1 = "GTPV1", kVxlan = "VXLAN", kGeneve = "GENEVE", kNone = "";
}

/// The header that comes next; Stop when there is none to read.
enum class Layer : uint8_t {
  Stop,
  Ethernet,
  Vlan,
  Llc,
  Snap,
  Novell,
  Null,
  Ppp,
  PppSerial,
  Pppoe,
  Vntag,
  Pbb,
  Mpls,
  Sll,
  Sll2,
  Nflog,
  Fddi,
  Wifi,
  Radiotap,
  Avs,
  Arp,
  Ip,
  IpTunnel,
  Gre,
  Tcp,
  Udp,
  Icmp,
  Unknown,
};

/// Which ethertypes a header may be followed by: Zeek registers them per analyzer.
enum class EtherParent : uint8_t { Ethernet, Vlan, Vntag, Plain, Geneve };

/// More nested headers are not followed (Zeek's PacketAnalyzer::max_depth).
inline constexpr uint8_t kMaxAnalyzerDepth = 25;

/// An IPv6 header with its extension headers (RFC 8200 section 4), as far as they were captured.
struct Ipv6Chain {
  IpAddress src, dst;   // home address and final destination where the headers name them
  uint16_t length = 0;  // bytes of all headers
  uint8_t last = ipproto::kIpv6;
  uint8_t next = ipproto::kNoNext;
  Bytes last_header;
  bool have_home = false, have_final = false;
};

class DecodeRun {
 public:
  DecodeRun(const DecodeOptions& options, DecodeCounters& counters, DecodedPacket& out)
      : options_(options), counters_(counters), out_(out) {}

  /// Forgets what the last use of `out` left.
  void reset();
  /// Starts a level: a captured frame or a tunnelled packet of its own.
  void begin(Bytes data, uint32_t wire_len);
  /// Reads headers from `first` on until there is nothing to follow.
  DecodeStatus run(Layer first);
  DecodeStatus run_datagram(Bytes datagram, uint8_t next_proto);
  DecodeStatus run_aggregate();
  /// Reads link headers and the IP header; true when there is one.
  bool run_to_ip(Layer first);

  void push_tunnel(const Encapsulation& e);
  DecodeWeird* weird(DecodeCounter what, std::string_view source);
  DecodeWeird* weird_of_kind(DecodeCounter what, DecodeWeird::Kind kind, std::string_view source);
  DecodeWeird* flow_weird(DecodeCounter what, const IpAddress& src, const IpAddress& dst);
  /// Takes the place of `outer`, a UDP packet whose payload is to be read: its addresses, tunnels and depth.
  void continue_from(const DecodedPacket& outer);
  /// Reads headers of a level that was begun, from `layer` on; `source` is who hands over.
  DecodeStatus run_from(Layer layer, std::string_view source);
  /// Reads the payload of the UDP packet continued from as GRE.
  DecodeStatus run_gre(Bytes payload);
  /// Whether the data is an IP packet of exactly its length, as Zeek demands of tunnels; reads like Zeek's ParsePacket.
  enum class InnerIp : uint8_t { Ok, TooShort, TooLong, BadProtocol };
  InnerIp check_inner_ip(Bytes data, bool v6, uint8_t* next_proto = nullptr);
  Ipv6Chain walk_ipv6(Bytes data, std::optional<uint8_t> after_fragment);
  Layer ethertype(uint16_t type, EtherParent parent) const;
  /// Goes on with `layer` after `skip` bytes of this header, unless there were too many headers.
  Layer enter(Layer layer, size_t skip, const std::string_view& source) {
    if (layer == Layer::Stop || out_.analyzer_depth == kMaxAnalyzerDepth) return cannot_enter(source);
    out_.analyzer_depth++;
    drop_front(skip);
    return layer;
  }

 private:
  Layer step(Layer layer);
  Layer cannot_enter(const std::string_view& source);
  Layer stop(DecodeCounter outcome) {
    outcome_ = outcome;
    return Layer::Stop;
  }
  Layer malformed(DecodeCounter what, const std::string_view& source);
  DecodeStatus finish();
  void drop_front(size_t n) {
    data_ = data_.subspan(n);
    offset_ += n;
  }

  // link.cpp
  Layer ethernet();
  Layer vlan();
  Layer lengths_frame(EtherParent parent);
  Layer llc();
  Layer snap();
  Layer null();
  Layer ppp();
  Layer ppp_protocol(uint16_t protocol, size_t header_len, bool mpls, std::string_view source);
  Layer ppp_serial();
  Layer pppoe();
  Layer vntag();
  Layer pbb();
  Layer mpls();
  Layer sll();
  Layer sll2();
  Layer nflog();
  Layer fddi();
  Layer arp();
  // wifi.cpp
  Layer wifi();
  void wifi_addresses(uint8_t flags);
  Layer wifi_payload(Bytes payload);
  Layer wifi_aggregate();
  void check_aggregate();
  Layer radiotap();
  Layer avs();
  // ip.cpp, ipv6.cpp
  Layer ip();
  void ipv4_header();
  void ipv6_header(std::optional<uint8_t> after_fragment);
  std::optional<DecodeCounter> ip_lengths_bad();
  Layer fragment();
  Layer ip_payload();
  Layer mobility();
  void routing_header(Ipv6Chain& chain, Bytes header);
  void destination_options(Ipv6Chain& chain, Bytes header);
  // transport.cpp
  bool header_captured(size_t min, const std::string_view& source);
  Layer tcp();
  Layer udp();
  bool looks_like_vxlan(size_t udp_length) const;
  Layer icmp();
  Layer unknown_transport();
  Layer packet_done(const std::string_view& source);
  // tunnel.cpp
  Layer ip_tunnel();
  Layer gre();
  std::optional<size_t> gre_ethernet(uint16_t flags, uint16_t protocol, size_t gre_len);

  const DecodeOptions& options_;
  DecodeCounters& counters_;
  DecodedPacket& out_;
  Bytes data_;         // from the current header on
  size_t offset_ = 0;  // of data_ in its level
  DecodeCounter outcome_ = DecodeCounter::Malformed;
  bool have_ip_ = false;  // this level's IP header was accepted: weirds carry its addresses
  bool stop_at_ip_ = false;
  bool aggregate_ = false;  // within an 802.11 aggregate
  bool inner_ = false;      // not a packet of its own on the link
  uint8_t proto_ = 0;       // what the IP header, or the tunnel header after it, says comes next
  Layer gre_link_ = Layer::Ip;
  bool gre_as_link_ = false;  // GRE version 0: the payload starts with gre_link_ and is not checked
  TunnelType tunnel_type_ = TunnelType::Ip;
  uint16_t header_len_ = 0;   // IP header and extension headers
  uint32_t total_len_ = 0;    // IP packet, by its header or, where that says 0, by the capture
  uint16_t payload_len_ = 0;  // what the IP header says follows it; 0 also with segmentation offload
  uint8_t last_header_ = 0;   // IPv6: type of the last header of the chain; IPv4: 0
  bool fragment_ = false;
  Bytes mobility_;  // the mobility header, when last_header_ says so
};

Layer first_layer(LinkType link);

/// Formats into a bounded text; what does not fit is cut.
template <class... Args>
void format_short(ShortText& to, fmt::format_string<Args...> format, Args&&... args) {
  const auto r = fmt::format_to_n(to.chars.data(), to.chars.size(), format, std::forward<Args>(args)...);
  to.size = static_cast<uint8_t>(std::min(r.size, to.chars.size()));
}

}  // namespace sensor
