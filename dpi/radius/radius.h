// RADIUS messages (RFC 2865, RFC 2866).
#pragma once

#include <cstdint>
#include <optional>

#include "sensor/base/byte_reader.h"

namespace sensor::radius {

enum class Code : uint8_t { AccessRequest = 1, AccessAccept = 2, AccessReject = 3, AccessChallenge = 11 };

/// Types of attributes.
namespace attribute {
inline constexpr uint8_t kUserName = 1, kNasIpAddress = 4, kFramedIpAddress = 8, kReplyMessage = 18, kCallingStationId = 31,
                         kNasIdentifier = 32, kTunnelClientEndpoint = 66, kConnectInfo = 77, kNasIpv6Address = 95;
}  // namespace attribute

/// Views of the datagram.
struct Message {
  Code code{};
  uint8_t identifier = 0;
  Bytes attributes;  // whole ones
};

/// False: cut short, or an attribute is malformed. What follows the message's length is padding (RFC 2865 section 3).
bool parse(Bytes datagram, Message& out);
/// The value of the first attribute of a type.
std::optional<Bytes> find(const Message& m, uint8_t type);

/// Whether a datagram is an Access-Request and nothing else: it names the user and who asks (RFC 2865 section 4.1).
bool looks_like_request(Bytes datagram);

}  // namespace sensor::radius
