// The two addresses that a frame goes between.
#pragma once

#include <cstdint>

#include "sensor/base/byte_reader.h"

namespace sensor {

/// The same value for both directions between two hosts, for their fragments and for all that a tunnel between them carries: a hash of the
/// outermost IP addresses in an Ethernet frame, behind VLAN tags (802.1Q), MPLS labels (RFC 3032) and PPPoE (RFC 2516). 0 for what is not
/// IP.
uint64_t address_pair_hash(Bytes frame);

}  // namespace sensor
