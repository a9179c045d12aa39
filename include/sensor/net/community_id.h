// Community ID version 1 (github.com/corelight/community-id-spec): one identifier for a connection in all tools.
#pragma once

#include <cstdint>
#include <span>

#include "sensor/net/packet.h"

namespace sensor {

/// Characters of an identifier: "1:" and 20 bytes in base64.
inline constexpr size_t kCommunityIdChars = 30;

/// Writes the identifier of a connection, the same for both directions; returns the number of characters, 0 when `out` is too small.
/// For ICMP and ICMPv6 the ports of the tuple are the message type (source) and, where the specification pairs requests with replies,
/// the type of the counterpart, else the code (destination): what conn.log has in id.orig_p and id.resp_p fits as well, because the
/// counterpart is looked up again from the type. One SHA-1: not for the packet path.
size_t community_id(const FiveTuple& tuple, uint16_t seed, std::span<char> out);

}  // namespace sensor
