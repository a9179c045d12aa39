// The Internet checksum (RFC 1071).
#pragma once

#include <cstdint>

#include "sensor/base/byte_reader.h"
#include "sensor/net/ip_address.h"

namespace sensor {

/// One's complement sum over bytes, added to `sum`; the folded result of valid data with its checksum field is 0xffff. Runs over an odd
/// number of bytes are padded with a zero byte, so only the last one of several may be odd.
uint64_t ones_sum(Bytes bytes, uint64_t sum = 0);
/// Sum of the pseudo header of TCP, UDP and ICMPv6 (RFC 9293 section 3.1, RFC 8200 section 8.1). `v4` chooses its form.
uint64_t pseudo_header_sum(const IpAddress& src, const IpAddress& dst, bool v4, uint8_t ip_proto, uint32_t length);
uint16_t ones_fold(uint64_t sum);

inline bool checksum_valid(uint64_t sum) {
  return ones_fold(sum) == 0xffff;
}

}  // namespace sensor
