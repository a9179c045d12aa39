// IPv4 (RFC 791), what both versions have in common, and fragments.
#include "src/net/checksum.h"
#include "src/net/decode_run.h"

namespace sensor {
namespace {

constexpr size_t kIpv4Header = 20, kIpv6Header = 40;
constexpr uint16_t kDontFragment = 0x4000, kMoreFragments = 0x2000, kOffsetMask = 0x1fff;

// Layer of an IP protocol number, as far as one is registered for it.
Layer transport_layer(uint8_t proto) {
  switch (proto) {
    case ipproto::kTcp:
      return Layer::Tcp;
    case ipproto::kUdp:
      return Layer::Udp;
    case ipproto::kIcmp:
    case ipproto::kIcmpv6:
      return Layer::Icmp;
    case ipproto::kIpip:
    case ipproto::kIpv6:
      return Layer::IpTunnel;
    case ipproto::kGre:
      return Layer::Gre;
    default:
      return Layer::Unknown;
  }
}

}  // namespace

Layer DecodeRun::ip() {
  // Zeek asks for room for an IPv4 header before it looks at the version.
  if (data_.size() < kIpv4Header) return malformed(DecodeCounter::TruncatedIp, source::kIp);
  out_.ip_version = data_[0] >> 4;
  switch (out_.ip_version) {
    case 4:
      ipv4_header();
      break;
    case 6:
      if (data_.size() < kIpv6Header) return malformed(DecodeCounter::TruncatedIp, source::kIp);
      ipv6_header(std::nullopt);
      break;
    default:
      return malformed(DecodeCounter::UnknownIpVersion, source::kIp);
  }
  if (const auto bad = ip_lengths_bad()) return malformed(*bad, source::kIp);
  have_ip_ = true;
  if (stop_at_ip_) return stop(DecodeCounter::DecodedPackets);
  if (out_.ip_version == 4 && !options_.ignore_checksums && !checksum_valid(ones_sum(data_.first(header_len_))))
    return malformed(DecodeCounter::BadIpChecksum, source::kIp);
  out_.ip = data_;
  return fragment_ ? fragment() : ip_payload();
}

void DecodeRun::ipv4_header() {
  ByteReader r(data_.first(kIpv4Header));
  header_len_ = static_cast<uint16_t>((r.u8() & 15) * 4);
  r.skip(1);
  total_len_ = r.u16();
  const uint16_t id = r.u16(), flags = r.u16();
  out_.ttl = r.u8();
  proto_ = r.u8();
  r.skip(2);
  out_.tuple.src = IpAddress::v4(r.u32());
  out_.tuple.dst = IpAddress::v4(r.u32());
  out_.ip_len = total_len_;
  payload_len_ = total_len_ == 0 ? 0 : static_cast<uint16_t>(total_len_ - header_len_);
  last_header_ = 0;
  fragment_ = (flags & (kMoreFragments | kOffsetMask)) != 0;
  if (!fragment_) return;
  out_.fragment = {.id = id,
                   .offset = static_cast<uint16_t>((flags & kOffsetMask) * 8),
                   .header_len = header_len_,
                   .more = (flags & kMoreFragments) != 0,
                   .dont_fragment = (flags & kDontFragment) != 0,
                   .next_proto = proto_};
}

// Zeek's checks of an IP header's lengths, in its order.
std::optional<DecodeCounter> DecodeRun::ip_lengths_bad() {
  if (total_len_ == 0) {
    // Left to the card by segmentation offload. Zeek copes when it need not verify checksums, which would be wrong as well.
    if (!options_.ignore_checksums) return DecodeCounter::IpLenZero;
    weird(DecodeCounter::IpLenZero, source::kIp);
    total_len_ = static_cast<uint32_t>(out_.cap_len - offset_);
  }
  if (out_.wire_len < total_len_ + offset_) return DecodeCounter::TruncatedIpLen;
  if (header_len_ > total_len_) return DecodeCounter::InvalidIpHeaderSize;
  if (header_len_ > data_.size()) return DecodeCounter::InternallyTruncatedHeader;
  if (header_len_ < kIpv4Header) return DecodeCounter::Ipv4MinHeader;
  return std::nullopt;
}

Layer DecodeRun::fragment() {
  if (data_.size() < total_len_) {
    weird(DecodeCounter::IncompleteFragment, source::kIp);
    // It cannot be put together, but the first one has a transport header.
    return out_.fragment.offset != 0 ? stop(DecodeCounter::Malformed) : ip_payload();
  }
  return stop(DecodeCounter::DecodedFragments);
}

Layer DecodeRun::ip_payload() {
  if (last_header_ == ipproto::kEsp) return stop(DecodeCounter::EspPackets);
  if (last_header_ == ipproto::kMobility) return mobility();
  drop_front(header_len_);
  out_.tuple.ip_proto = proto_;
  if (proto_ == ipproto::kNoNext) {
    // In Teredo that is a bubble (RFC 4380 section 2.8), elsewhere odd.
    if (out_.tunnel != TunnelType::Teredo) weird(DecodeCounter::Ipv6NoNext, source::kIp);
    return stop(DecodeCounter::EmptyPackets);
  }
  tunnel_type_ = TunnelType::Ip;
  gre_as_link_ = false;
  return enter(transport_layer(proto_), 0, source::kIp);
}

DecodeStatus DecodeRun::run_datagram(Bytes datagram, uint8_t next_proto) {
  data_ = datagram;
  offset_ = 0;
  have_ip_ = true;  // the fragment's header was accepted
  inner_ = true;
  out_.is_fragment = true;
  if (out_.ip_version == 4) {
    ipv4_header();
  } else {
    ipv6_header(next_proto);
  }
  fragment_ = false;
  // A datagram beyond 65535 bytes wraps its length, as in Zeek.
  if (header_len_ > total_len_ || total_len_ > data_.size()) {
    malformed(DecodeCounter::InvalidIpHeaderSize, source::kIp);
    return finish();
  }
  data_ = data_.first(total_len_);
  out_.cap_len = out_.wire_len = total_len_;
  out_.ip = data_;
  Layer layer = ip_payload();
  while (layer != Layer::Stop) layer = step(layer);
  return finish();
}

}  // namespace sensor
