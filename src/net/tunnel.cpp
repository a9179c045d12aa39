// Tunnels directly over IP: IP in IP (RFC 2003, RFC 4213), GRE (RFC 2784, RFC 2890, RFC 2637) and what it carries.
#include "src/net/decode_run.h"

namespace sensor {
namespace {

constexpr uint16_t kGreChecksum = 0x8000, kGreRouting = 0x4000, kGreKey = 0x2000, kGreSequence = 0x1000, kGreAck = 0x0080,
                   kGreReserved = 0x0078, kGreVersion = 0x0007;
constexpr uint16_t kTransparentBridging = 0x6558, kErspan1And2 = 0x88be, kErspan3 = 0x22eb, kPpp = 0x880b;
constexpr size_t kEthernetHeader = 14, kPptpPpp = 4;

size_t gre_length(uint16_t flags) {
  size_t n = 4;
  for (const uint16_t optional : {kGreChecksum, kGreKey, kGreSequence, kGreAck})
    if ((flags & optional) != 0) n += 4;
  return n;
}

// 802.11 frames of Aruba access points: the lower bits number the queue.
bool is_aruba(uint16_t protocol) {
  if (protocol == 0x9000) return true;
  if ((protocol & 0x0f) != 0) return false;
  return (protocol & 0x8200) == 0x8200 || ((protocol & 0x8300) == 0x8300 && protocol <= 0x8370);
}

}  // namespace

DecodeRun::InnerIp DecodeRun::check_inner_ip(Bytes data, bool v6, uint8_t* next_proto) {
  ByteReader r(data);
  size_t total = 0;
  if (v6) {
    if (data.size() < 40) return InnerIp::TooShort;
    // Zeek reports oddities of the extension headers before it looks at the version.
    const Ipv6Chain chain = walk_ipv6(data, std::nullopt);
    if (next_proto != nullptr) *next_proto = chain.next;
    if (r.u8() >> 4 != 6) return InnerIp::BadProtocol;
    r.skip(3);
    total = r.u16() + 40u;
  } else {
    if (data.size() < 20 || r.u8() >> 4 != 4) return InnerIp::BadProtocol;
    r.skip(1);
    total = r.u16();
  }
  if (data.size() == total) return InnerIp::Ok;
  return data.size() < total ? InnerIp::TooShort : InnerIp::TooLong;
}

// data_ is what the tunnel carries; gre_as_link_, gre_link_, proto_ and tunnel_type_ say how.
Layer DecodeRun::ip_tunnel() {
  if (out_.tunnel_depth >= kMaxTunnelDepth) return malformed(DecodeCounter::TunnelDepth, source::kIpTunnel);
  if (!gre_as_link_) {
    switch (check_inner_ip(data_, proto_ == ipproto::kIpv6)) {
      case InnerIp::Ok:
        break;
      case InnerIp::BadProtocol:
        return malformed(DecodeCounter::InvalidInnerIpVersion, source::kIpTunnel);
      case InnerIp::TooShort:
        return malformed(DecodeCounter::TruncatedInnerIp, source::kIpTunnel);
      case InnerIp::TooLong:
        return malformed(DecodeCounter::InnerIpLenMismatch, source::kIpTunnel);
    }
  }
  push_tunnel({.src = out_.tuple.src, .dst = out_.tuple.dst, .ip_proto = out_.tuple.ip_proto, .type = tunnel_type_});
  begin(data_, static_cast<uint32_t>(data_.size()));
  return enter(gre_as_link_ ? gre_link_ : Layer::Ip, 0, source::kIpTunnel);
}

// Ethernet over GRE: the length of the ERSPAN header in front of it; nothing when the packet is too short.
std::optional<size_t> DecodeRun::gre_ethernet(uint16_t flags, uint16_t protocol, size_t gre_len) {
  size_t erspan = 0;
  if (protocol == kErspan1And2 && (flags & kGreSequence) != 0) erspan = 8;  // type II; type I has no header of its own
  if (protocol == kErspan3) erspan = 12;
  if (data_.size() <= gre_len + kEthernetHeader + (protocol == kErspan3 ? erspan : 0)) return std::nullopt;
  if (protocol == kErspan3 && (data_[gre_len + erspan - 1] & 1) != 0) {  // platform-specific subheader
    erspan += 8;
    if (data_.size() <= gre_len + erspan + kEthernetHeader) return std::nullopt;
  }
  if (data_.size() < gre_len + erspan + kEthernetHeader) return std::nullopt;
  return erspan;
}

Layer DecodeRun::gre() {
  ByteReader r(data_);
  const uint16_t flags = r.u16(), protocol = r.u16();
  if (!r) return malformed(DecodeCounter::TruncatedGre, source::kGre);
  const unsigned version = flags & kGreVersion;
  if (version > 1) {
    if (DecodeWeird* w = weird(DecodeCounter::UnknownGreVersion, source::kGre)) format_short(w->addl, "version={}", version);
    return stop(DecodeCounter::Malformed);
  }
  size_t header = gre_length(flags);
  gre_link_ = Layer::Ip;
  gre_as_link_ = version == 0;
  if (version == 1) {  // RFC 2637 section 4.1: PPTP's payload is PPP
    if (protocol != kPpp) {
      if (DecodeWeird* w = weird(DecodeCounter::EgreProtocol, source::kGre)) format_short(w->addl, "proto={}", protocol);
      return stop(DecodeCounter::Malformed);
    }
  } else if (protocol == kTransparentBridging || protocol == kErspan1And2 || protocol == kErspan3) {
    const auto erspan = gre_ethernet(flags, protocol, header);
    if (!erspan) return malformed(DecodeCounter::TruncatedGre, source::kGre);
    header += *erspan;
    gre_link_ = Layer::Ethernet;
  } else if (is_aruba(protocol)) {
    if (data_.size() <= header) return malformed(DecodeCounter::TruncatedGre, source::kGre);
    gre_link_ = Layer::Wifi;
  }
  if ((flags & kGreRouting) != 0) return malformed(DecodeCounter::GreRouting, source::kGre);
  if ((flags & kGreReserved) != 0) return malformed(DecodeCounter::UnknownGreFlags, source::kGre);
  if (version == 1) {
    if (data_.size() < header + kPptpPpp) return malformed(DecodeCounter::TruncatedGre, source::kGre);
    ByteReader ppp(data_.subspan(header + 2));
    const uint16_t carried = ppp.u16();
    if (carried != 0x0021 && carried != 0x0057) return malformed(DecodeCounter::NonIpInEncap, source::kGre);
    proto_ = carried == 0x0021 ? ipproto::kIpip : ipproto::kIpv6;
    header += kPptpPpp;
  }
  if (data_.size() < header) return malformed(DecodeCounter::TruncatedGre, source::kGre);
  tunnel_type_ = TunnelType::Gre;
  return enter(Layer::IpTunnel, header, source::kGre);
}

}  // namespace sensor
