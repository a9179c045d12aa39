// Tunnels over UDP: which ones a payload may be, and what is inside. The carrying connection confirms or refutes them, as in Zeek.
#include <algorithm>
#include <utility>

#include "src/net/decode_run.h"

namespace sensor {
namespace {

// One payload on its way into a tunnel.
struct Attempt {
  const DecodedPacket& outer;
  const Encapsulation& carrier;
  bool from_orig;
  UdpTunnelState& state;
  DecodeRun& run;
  DecodedPacket& inner;
  UdpTunnelResult& result;
  std::string_view source = {};  // Zeek's analyzer name

  uint8_t bit() const { return static_cast<uint8_t>(1u << static_cast<unsigned>(result.tunnel)); }
  bool is_confirmed() const { return (state.confirmed & bit()) != 0; }
  bool is_violated() const { return (state.violated & bit()) != 0; }
  void confirm() {
    if (is_confirmed() || is_violated()) return;
    state.confirmed |= bit();
    result.confirmed = true;
  }
  void violate(std::string_view reason, Bytes data = {}) {
    if (is_violated()) return;
    state.violated |= bit();
    result.violation = reason;
    result.violation_data = data;
  }
  /// False, with its weird, when the carrier already lies in as many tunnels as are followed.
  bool depth_ok() {
    if (outer.tunnel_depth < kMaxTunnelDepth) return true;
    result.history_unknown = true;
    run.weird(DecodeCounter::TunnelDepth, source);
    return false;
  }
  /// Reads the rest of the payload as a packet of its own that begins with `layer`.
  void go_on(Bytes payload, TunnelType type, Layer layer) {
    Encapsulation e = carrier;
    e.type = type;
    e.ip_proto = ipproto::kUdp;
    run.push_tunnel(e);
    // What the capture cut from the outer packet is missing from the inner one.
    const auto captured = static_cast<uint32_t>(payload.size());
    const uint32_t cut = outer.wire_len > outer.cap_len ? outer.wire_len - outer.cap_len : 0;
    run.begin(payload, captured + cut);
    result.status = run.run_from(layer, source);
  }
};

constexpr size_t kIpv6Header = 40;

// RFC 4380 section 5.1.1: authentication, then origin indication, both optional, then IPv6. Returns what follows the headers that could
// be read; `ok` says whether it is an IPv6 header.
Bytes teredo_packet(Attempt& a, bool& ok) {
  const auto oddity = [&a](DecodeCounter what) {
    if (a.is_confirmed()) a.run.weird_of_kind(what, DecodeWeird::Kind::ParentConn, a.source);
  };
  bool origin = false, authentication = false;
  Bytes rest = a.outer.payload;
  ok = false;
  for (;;) {
    ByteReader r(rest);
    const uint16_t tag = r.u16();
    if (!r) return oddity(DecodeCounter::TruncatedTeredo), rest;
    if (tag >> 12 == 6) {
      ok = rest.size() >= kIpv6Header;
      if (!ok) oddity(DecodeCounter::TruncatedIpv6InTeredo);
      return rest;
    }
    if (tag == 0 && !origin) {
      origin = true;
      r.skip(6);
      if (!r) return oddity(DecodeCounter::TruncatedTeredoOrigin), rest;
    } else if (tag == 1 && !origin && !authentication) {
      authentication = true;
      const size_t id_len = r.u8(), value_len = r.u8();
      r.skip(id_len + value_len + 8 + 1);  // nonce and confirmation
      if (!r) return oddity(DecodeCounter::TruncatedTeredoAuth), rest;
    } else {
      return rest;
    }
    rest = r.rest();
  }
}

void teredo(Attempt& a) {
  if (a.is_violated() || !a.depth_ok()) return;
  bool ok = false;
  const Bytes packet = teredo_packet(a, ok);
  const Bytes shown = a.outer.payload.first(packet.size());  // Zeek shows the start of the payload, but counts from the packet
  if (!ok) return a.violate("Bad Teredo encapsulation", shown);
  uint8_t next = ipproto::kNoNext;
  switch (a.run.check_inner_ip(packet, true, &next)) {
    case DecodeRun::InnerIp::Ok:
      break;
    case DecodeRun::InnerIp::TooLong: {
      ByteReader r(packet);
      r.skip(4);
      if (next != ipproto::kNoNext || r.u16() != 0) return a.violate("Teredo payload length", shown);
      a.run.weird_of_kind(DecodeCounter::TeredoBubblePayload, DecodeWeird::Kind::ParentConn, a.source);
      break;
    }
    default:
      return a.violate("Truncated Teredo or invalid inner IP version", shown);
  }
  (a.from_orig ? a.state.valid_orig : a.state.valid_resp) = true;
  if (a.state.valid_orig && a.state.valid_resp) a.confirm();
  a.go_on(packet, TunnelType::Teredo, Layer::Ip);
}

// draft-massar-v6ops-ayiya-02 section 3.
void ayiya(Attempt& a) {
  constexpr uint8_t kForward = 1;
  if (a.is_violated() || !a.depth_ok()) return;
  ByteReader r(a.outer.payload);
  const size_t identity_len = size_t{1} << (r.u8() >> 4);
  const size_t signature_len = (r.u8() >> 4) * size_t{4};
  const uint8_t operation = r.u8() & 15, next = r.u8();
  r.skip(4 + identity_len + signature_len);
  if (!r) return a.violate("Truncated AYIYA");
  if (operation != kForward) return;
  a.confirm();
  if (r.empty()) {
    a.run.weird(DecodeCounter::AyiyaEmpty, a.source);
    return;
  }
  a.go_on(r.rest(), TunnelType::Ayiya, next == ipproto::kIpip || next == ipproto::kIpv6 ? Layer::Ip : Layer::Stop);
}

// RFC 7348 section 5.
void vxlan(Attempt& a) {
  constexpr uint8_t kHasNetwork = 8;
  if (a.is_violated() || !a.depth_ok()) return;
  ByteReader r(a.outer.payload);
  const uint8_t flags = r.u8();
  r.skip(7);
  if (!r) return a.violate("VXLAN header truncation", a.outer.payload);
  if ((flags & kHasNetwork) == 0) return a.violate("VXLAN 'I' flag not set", a.outer.payload);
  a.confirm();
  if (r.empty()) {
    a.run.weird(DecodeCounter::VxlanEmpty, a.source);
    return;
  }
  a.go_on(r.rest(), TunnelType::Vxlan, Layer::Ethernet);
}

// RFC 8926 section 3.4.
void geneve(Attempt& a) {
  if (a.is_violated() || !a.depth_ok()) return;
  ByteReader r(a.outer.payload);
  const uint8_t first = r.u8();
  r.skip(1);
  const uint16_t protocol = r.u16();
  r.skip(4);
  if (!r) return a.violate("Geneve header truncation", a.outer.payload);
  if (first >> 6 != 0) {
    if (DecodeWeird* w = a.run.weird(DecodeCounter::GeneveVersion, a.source)) format_short(w->addl, "{}", first >> 6);
    return;
  }
  r.skip((first & 0x3f) * size_t{4});
  if (!r) return a.violate("Geneve option header truncation", a.outer.payload);
  a.confirm();
  if (r.empty()) {
    a.run.weird(DecodeCounter::GeneveEmpty, a.source);
    return;
  }
  a.go_on(r.rest(), TunnelType::Geneve, a.run.ethertype(protocol, EtherParent::Geneve));
}

// 3GPP TS 29.060 section 7.7: types below 128 have lengths of their own, -1: none is known.
int gtp_element_length(uint8_t type) {
  switch (type) {
    case 1:
    case 8:
    case 11:
    case 13:
    case 14:
    case 15:
    case 19:
    case 20:
    case 21:
    case 23:
    case 24:
    case 29:
      return 1;
    case 22:
      return 9;
    case 25:
    case 26:
    case 27:
    case 28:
      return 2;
    case 2:
      return 8;
    case 3:
      return 6;
    case 4:
    case 5:
    case 16:
    case 17:
    case 127:
      return 4;
    case 9:
      return 28;
    case 12:
      return 3;
    case 18:
      return 5;
    default:
      return -1;
  }
}

bool gtp_elements_ok(ByteReader r) {
  while (!r.empty()) {
    const uint8_t type = r.u8();
    const int length = type >= 128 ? r.u16() : gtp_element_length(type);
    if (length < 0) return false;
    r.skip(static_cast<size_t>(length));
  }
  return r.ok();
}

// 3GPP TS 29.281 section 5.1. Leaves the reader at what the message carries.
bool gtp_header(ByteReader& r, uint8_t& flags, uint8_t& type) {
  constexpr uint8_t kExtension = 4, kAnyOptional = 7;
  flags = r.u8();
  type = r.u8();
  r.skip(6);
  if ((flags & kAnyOptional) != 0) r.skip(4);
  if ((flags & kExtension) == 0) return r.ok();
  uint8_t next = 0;
  do {
    const size_t words = r.u8();
    if (words == 0) return false;
    r.skip(words * 4 - 2);
    next = r.u8();
  } while (next != 0 && r.ok());
  return r.ok();
}

void gtpv1(Attempt& a) {
  constexpr uint8_t kProtocolType = 0x10, kUserData = 255, kFirstContext = 16, kLastContext = 21;
  ByteReader r(a.outer.payload);
  uint8_t flags = 0, type = 0;
  if (!gtp_header(r, flags, type) || (type >= kFirstContext && type <= kLastContext && !gtp_elements_ok(r)))
    return a.violate("Binpac exception: binpac exception: out_of_bound");
  if (a.outer.tunnel_depth >= kMaxTunnelDepth) {
    a.run.weird_of_kind(DecodeCounter::GtpDepth, DecodeWeird::Kind::Net, a.source);
    return;
  }
  if (a.outer.tunnel == TunnelType::Gtpv1) return a.violate("GTP-in-GTP");
  if (flags >> 5 != 1) return a.violate("GTPv1 bad Version");
  if ((flags & kProtocolType) == 0 || type != kUserData) return;
  const Bytes packet = r.rest();
  if (packet.size() < 20) return a.violate("Truncated GTPv1");
  const unsigned version = packet[0] >> 4;
  if (version != 4 && version != 6) return a.violate("non-IP packet in GTPv1");
  switch (a.run.check_inner_ip(packet, version == 6)) {
    case DecodeRun::InnerIp::Ok:
      break;
    case DecodeRun::InnerIp::BadProtocol:
      return a.violate("Invalid IP version in wrapped packet");
    case DecodeRun::InnerIp::TooShort:
      return a.violate("Truncated GTPv1");
    case DecodeRun::InnerIp::TooLong:
      return a.violate("GTPv1 payload length");
  }
  a.confirm();
  a.go_on(packet, TunnelType::Gtpv1, Layer::Ip);
}

void gre_over_udp(Attempt& a) {  // RFC 8086
  a.result.status = a.run.run_gre(a.outer.payload);
}

bool looks_like_ayiya(Bytes payload) {
  return payload.size() >= 3 && payload[1] == 0x52 && payload[2] == 0x11;
}

// What Zeek takes for Teredo on any port: IPv6 with a Teredo address (RFC 4380 section 2.6) at either end, or the headers that Teredo
// puts in front of IPv6.
bool looks_like_teredo(Bytes payload) {
  constexpr uint32_t kPrefix = 0x20010000;
  if (payload.size() < kIpv6Header) return false;
  ByteReader r(payload);
  const uint16_t tag = r.u16();
  const bool ipv6 = tag >> 12 == 6;
  if (!ipv6 && tag > 1) return false;
  if (ipv6) {
    r.skip(6);
    const uint32_t src = r.u32();
    r.skip(12);
    if (src == kPrefix || r.u32() == kPrefix) return true;
  }
  // Zeek looks at the second byte alone, so this also applies to an IPv6 header.
  ByteReader h(payload);
  uint16_t kind = tag & 0xff;
  if (kind == 1) {
    h.skip(2);
    const size_t id_len = h.u8(), value_len = h.u8();
    h.skip(9 + id_len + value_len);
    if (h.remaining() < kIpv6Header) return false;
    ByteReader after = h;
    kind = after.u16();
  }
  if (kind != 0) return false;
  h.skip(8);
  return h.remaining() >= kIpv6Header && h.peek() >> 4 == 6;
}

struct UdpTunnelInfo {
  std::string_view source, service;
  void (*read)(Attempt&);
};
// In the order of UdpTunnel, None left out.
constexpr UdpTunnelInfo kTunnels[] = {{source::kTeredo, "teredo", teredo}, {source::kAyiya, "ayiya", ayiya},
                                      {source::kGtpv1, "gtpv1", gtpv1},    {source::kVxlan, "vxlan", vxlan},
                                      {source::kGeneve, "geneve", geneve}, {source::kGre, "", gre_over_udp}};

}  // namespace

UdpTunnel udp_tunnel_of(uint16_t dst_port, Bytes payload) {
  switch (dst_port) {
    case 3544:
      return UdpTunnel::Teredo;
    case 5072:
      return UdpTunnel::Ayiya;
    case 2123:
    case 2152:
      return UdpTunnel::Gtpv1;
    case 4789:
      return UdpTunnel::Vxlan;
    case 6081:
      return UdpTunnel::Geneve;
    case 4754:
      return UdpTunnel::Gre;
    default:
      break;
  }
  if (looks_like_ayiya(payload)) return UdpTunnel::Ayiya;
  return looks_like_teredo(payload) ? UdpTunnel::Teredo : UdpTunnel::None;
}

UdpTunnelResult Decoder::decode_udp_tunnel(const DecodedPacket& outer, const Encapsulation& carrier, bool from_orig, UdpTunnelState& state,
                                           DecodedPacket& inner) {
  UdpTunnelResult result;
  if (!outer.checksum_ok) return result;
  if (outer.analyzer_depth == kMaxAnalyzerDepth) {
    result.history_unknown = true;
    inner.weirds.clear();
    return result;
  }
  result.tunnel = udp_tunnel_of(carrier.dst_port, outer.payload);
  if (result.tunnel == UdpTunnel::None) return result;
  const UdpTunnelInfo& info = kTunnels[static_cast<size_t>(result.tunnel) - 1];
  result.service = info.service;
  const DecodeOptions options = options_for(outer.checksums_pending);
  inner.checksums_pending = outer.checksums_pending;
  DecodeRun run(options, counters_, inner);
  run.reset();
  run.continue_from(outer);
  Attempt attempt{outer, carrier, from_orig, state, run, inner, result, info.source};
  info.read(attempt);
  return result;
}

}  // namespace sensor
