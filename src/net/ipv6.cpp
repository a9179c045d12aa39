// IPv6 and its extension headers (RFC 8200).
#include "src/net/checksum.h"
#include "src/net/decode_run.h"

namespace sensor {
namespace {

constexpr size_t kIpv6Header = 40, kAddress = 16;

bool is_extension(uint8_t type) {
  switch (type) {
    case ipproto::kHopOpts:
    case ipproto::kRouting:
    case ipproto::kDstOpts:
    case ipproto::kFragment:
    case ipproto::kAh:
    case ipproto::kEsp:
    case ipproto::kMobility:
      return true;
    default:
      return false;
  }
}

// After these the chain ends: what follows is in pieces, encrypted, or a message of its own.
bool ends_chain(uint8_t type) {
  return type == ipproto::kFragment || type == ipproto::kEsp || type == ipproto::kMobility;
}

// Length of a header of this type that begins with these bytes; its second byte counts 8-byte units (4-byte units in AH).
size_t extension_length(uint8_t type, uint8_t units) {
  switch (type) {
    case ipproto::kFragment:
    case ipproto::kEsp:
      return 8;  // of ESP, what is not encrypted
    case ipproto::kAh:
      return 8 + 4 * size_t{units};
    default:
      return 8 + 8 * size_t{units};
  }
}

}  // namespace

void DecodeRun::ipv6_header(std::optional<uint8_t> after_fragment) {
  ByteReader r(data_.first(kIpv6Header));
  r.skip(4);
  const uint16_t payload = r.u16();
  r.skip(1);
  out_.ttl = r.u8();
  const Ipv6Chain chain = walk_ipv6(data_, after_fragment);
  out_.tuple.src = chain.src;
  out_.tuple.dst = chain.dst;
  proto_ = chain.next;
  header_len_ = chain.length;
  total_len_ = payload + uint32_t{kIpv6Header};
  out_.ip_len = total_len_;
  payload_len_ = static_cast<uint16_t>(total_len_ - header_len_);
  last_header_ = chain.last;
  fragment_ = chain.last == ipproto::kFragment;
  if (last_header_ == ipproto::kMobility) mobility_ = chain.last_header;
  if (!fragment_) return;
  ByteReader f(chain.last_header);
  f.skip(2);
  const uint16_t word = f.u16();
  out_.fragment = {.id = f.u32(),
                   .offset = static_cast<uint16_t>(word & 0xfff8),
                   .header_len = header_len_,
                   .more = (word & 1) != 0,
                   .dont_fragment = false,
                   .next_proto = proto_};
}

// Every header takes at least 8 bytes, so the loop ends with the packet. `after_fragment` replaces a fragment header's type in the
// chain of a datagram that was put together, where the fragment header is missing.
Ipv6Chain DecodeRun::walk_ipv6(Bytes data, std::optional<uint8_t> after_fragment) {
  Ipv6Chain chain;
  ByteReader r(data);
  r.skip(6);
  uint8_t next = r.u8();
  r.skip(1);
  chain.src = IpAddress::from_bytes(r.bytes(kAddress));
  chain.dst = IpAddress::from_bytes(r.bytes(kAddress));
  chain.length = kIpv6Header;
  for (;;) {
    if (after_fragment && next == ipproto::kFragment) next = *after_fragment;
    chain.next = next;
    if (!is_extension(next) || ends_chain(chain.last)) break;
    if (r.remaining() < 2) break;
    const size_t length = extension_length(next, r.peek(1));
    if (length > r.remaining() || chain.length + length > UINT16_MAX) break;
    const Bytes header = r.bytes(length);
    chain.last = next;
    chain.last_header = header;
    chain.length = static_cast<uint16_t>(chain.length + length);
    if (chain.last == ipproto::kRouting) routing_header(chain, header);
    if (chain.last == ipproto::kDstOpts) destination_options(chain, header);
    next = chain.last == ipproto::kEsp ? ipproto::kNoNext : header[0];
  }
  return chain;
}

void DecodeRun::routing_header(Ipv6Chain& chain, Bytes header) {
  if (chain.have_final) {
    flow_weird(DecodeCounter::MultipleRoutingHeaders, chain.src, chain.dst);
    return;
  }
  ByteReader r(header);
  r.skip(1);
  const uint8_t units = r.u8(), type = r.u8(), segments_left = r.u8();
  const auto take_final = [&] {
    chain.dst = IpAddress::from_bytes(header.last(kAddress));
    chain.have_final = true;
  };
  if (type == 0) {  // RFC 2460 section 4.4, deprecated by RFC 5095
    if (segments_left > 0 && units >= 2) {
      if (units % 2 == 0) {
        take_final();
      } else {
        flow_weird(DecodeCounter::OddRouting0Len, chain.src, chain.dst);
      }
    }
    flow_weird(DecodeCounter::Routing0, chain.src, chain.dst);
  } else if (type == 2) {  // RFC 6275 section 6.4
    if (segments_left == 0) return;
    if (units == 2) {
      take_final();
    } else {
      flow_weird(DecodeCounter::BadRouting2Len, chain.src, chain.dst);
    }
  } else if (DecodeWeird* w = flow_weird(DecodeCounter::UnknownRoutingType, chain.src, chain.dst)) {
    format_short(w->addl, "{}", type);
  }
}

// Only the home address option matters (RFC 6275 section 6.3): it is the true source.
void DecodeRun::destination_options(Ipv6Chain& chain, Bytes header) {
  constexpr uint8_t kPad1 = 0, kHomeAddress = 201;
  ByteReader r(header);
  r.skip(2);
  while (!r.empty()) {
    const uint8_t type = r.u8();
    if (type == kPad1) continue;
    const Bytes value = r.bytes(r.u8());
    if (!r) {
      flow_weird(DecodeCounter::BadDestOptLen, chain.src, chain.dst);
      return;
    }
    if (type != kHomeAddress) continue;
    if (value.size() != kAddress) {
      flow_weird(DecodeCounter::BadHomeAddrLen, chain.src, chain.dst);
    } else if (chain.have_home) {
      flow_weird(DecodeCounter::MultipleHomeAddr, chain.src, chain.dst);
    } else {
      chain.src = IpAddress::from_bytes(value);
      chain.have_home = true;
    }
  }
}

Layer DecodeRun::mobility() {
  if (!options_.ignore_checksums) {
    // RFC 6275 section 6.1.1; the length is taken modulo 256, as in Zeek.
    const auto length = static_cast<uint8_t>(mobility_.size());
    const uint64_t pseudo = pseudo_header_sum(out_.tuple.src, out_.tuple.dst, false, ipproto::kMobility, length);
    if (!checksum_valid(ones_sum(mobility_.first(length), pseudo))) return malformed(DecodeCounter::BadMobilityChecksum, source::kIp);
  }
  if (proto_ != ipproto::kNoNext) weird(DecodeCounter::MobilityPiggyback, source::kIp);
  return stop(DecodeCounter::MobilityPackets);
}

}  // namespace sensor
