// Which addresses count as our own.
#pragma once

#include "sensor/net/ip_address.h"

namespace sensor {

/// Whether an address lies in a network that is not globally reachable (IANA IPv4 and IPv6 Special-Purpose Address Registries), or in the
/// 6to4 form of such an IPv4 network (RFC 3056). Zeek's default for Site::local_nets, behind local_orig and local_resp.
bool is_local_address(const IpAddress& address);

}  // namespace sensor
