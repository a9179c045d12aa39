#include "address_pair.h"

#include "sensor/net/packet.h"

namespace sensor {
namespace {

constexpr uint16_t kIpv4 = 0x0800, kIpv6 = 0x86dd, kVlan = 0x8100, kServiceVlan = 0x88a8, kOldServiceVlan = 0x9100, kMpls = 0x8847,
                   kPppoeSession = 0x8864;
constexpr uint16_t kPppIpv4 = 0x0021, kPppIpv6 = 0x0057;  // RFC 1332, RFC 5072
constexpr int kMaxTags = 8;
constexpr size_t kMacAddresses = 12;
constexpr uint64_t kSeed = 0;

/// Past the labels; behind the last one, the version tells what it is (RFC 4928).
uint16_t skip_labels(ByteReader& r) {
  constexpr uint32_t kBottomOfStack = 1 << 8;
  for (int i = 0; i < kMaxTags; i++)
    if ((r.u32() & kBottomOfStack) != 0) break;
  const uint8_t version = static_cast<uint8_t>(r.peek() >> 4);
  return version == 4 ? kIpv4 : version == 6 ? kIpv6 : uint16_t{0};
}

/// Past version, type, code, session and length.
uint16_t skip_pppoe(ByteReader& r) {
  r.skip(6);
  const uint16_t protocol = r.u16();
  return protocol == kPppIpv4 ? kIpv4 : protocol == kPppIpv6 ? kIpv6 : uint16_t{0};
}

uint64_t hash_of(ByteReader& r, size_t before, size_t address) {
  r.skip(before);
  const Bytes a = r.bytes(address), b = r.bytes(address);
  return r.ok() ? symmetric_address_hash(IpAddress::from_bytes(a), IpAddress::from_bytes(b), kSeed) : 0;
}

}  // namespace

uint64_t address_pair_hash(Bytes frame) {
  ByteReader r(frame);
  r.skip(kMacAddresses);
  uint16_t type = r.u16();
  for (int i = 0; i < kMaxTags && (type == kVlan || type == kServiceVlan || type == kOldServiceVlan); i++) {
    r.skip(2);
    type = r.u16();
  }
  if (type == kMpls) type = skip_labels(r);
  if (type == kPppoeSession) type = skip_pppoe(r);
  // RFC 791 section 3.1, RFC 8200 section 3: the addresses' place in the header.
  if (type == kIpv4) return hash_of(r, 12, 4);
  if (type == kIpv6) return hash_of(r, 8, 16);
  return 0;
}

}  // namespace sensor
