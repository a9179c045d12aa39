// Link types as capture files number them, and as BPF's compiler wants them.
#pragma once

#include <cstdint>

#include "sensor/net/packet.h"

namespace sensor {

/// The link type of a file's 32-bit field, of which the upper bits tell about frame check sequences; values that no table knows
/// become 65535.
constexpr LinkType link_type_of_file(uint32_t field) {
  const uint32_t value = field & 0x03ffffff;
  return static_cast<LinkType>(value > 0xffff ? 0xffff : value);
}

/// The DLT_ value that libpcap's compiler knows a file's link type by; they differ for a few old types.
constexpr int dlt_of(LinkType link) {
  switch (static_cast<unsigned>(link)) {
    case 100:
      return 11;  // ATM, RFC 2684
    case 101:
      return 12;  // raw IP
    case 102:
      return 15;  // BSD/OS SLIP
    case 103:
      return 16;  // BSD/OS PPP
    case 106:
      return 19;  // classical IP over ATM
    default:
      return static_cast<int>(link);
  }
}

}  // namespace sensor
