#include "sensor/net/local_networks.h"

#include <array>

namespace sensor {
namespace {

struct V4Prefix {
  uint32_t network;
  int length;
};
constexpr V4Prefix kV4[] = {
    {0x00000000, 8},   // "this network", RFC 791
    {0x0a000000, 8},   // private, RFC 1918
    {0x64400000, 10},  // shared address space, RFC 6598
    {0x7f000000, 8},   // loopback, RFC 1122
    {0xa9fe0000, 16},  // link-local, RFC 3927
    {0xac100000, 12},  // private, RFC 1918
    {0xc0000000, 24},  // IETF protocol assignments, RFC 6890
    {0xc0000200, 24},  // TEST-NET-1, RFC 5737
    {0xc0a80000, 16},  // private, RFC 1918
    {0xc6120000, 15},  // benchmarking, RFC 2544
    {0xc6336400, 24},  // TEST-NET-2, RFC 5737
    {0xcb007100, 24},  // TEST-NET-3, RFC 5737
    {0xe0000000, 24},  // local network control block, RFC 5771
    {0xef000000, 8},   // administratively scoped multicast, RFC 2365
    {0xf0000000, 4},   // reserved, RFC 1112, and limited broadcast, RFC 8190
};

struct V6Prefix {
  uint64_t high;  // first 64 bits of the network
  int length;     // at most 64
};
constexpr V6Prefix kV6[] = {
    {0x0064ff9b00010000, 48},  // local-use translation, RFC 8215
    {0x0100000000000000, 64},  // discard-only, RFC 6666
    {0x2001000000000000, 23},  // IETF protocol assignments, RFC 2928
    {0x20010db800000000, 32},  // documentation, RFC 3849
    {0xfc00000000000000, 7},   // unique local, RFC 4193
    {0xfe80000000000000, 10},  // link-local, RFC 4291
    {0xfec0000000000000, 10},  // site-local, deprecated, RFC 3879
};

bool in_v4(uint32_t a) {
  for (const auto& [network, length] : kV4)
    if ((a ^ network) >> (32 - length) == 0) return true;
  return false;
}

}  // namespace

bool is_local_address(const IpAddress& address) {
  if (address.is_v4()) return in_v4(address.v4_value());
  ByteReader r(address.bytes16());
  const uint64_t high = r.u64(), low = r.u64();
  if (high == 0 && low <= 1) return true;  // unspecified and loopback, RFC 4291
  for (const auto& [network, length] : kV6)
    if ((high ^ network) >> (64 - length) == 0) return true;
  return high >> 48 == 0x2002 && in_v4(static_cast<uint32_t>(high >> 16));
}

}  // namespace sensor
