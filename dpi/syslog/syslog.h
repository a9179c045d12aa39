// Syslog messages: their priority, and the rest as it is (RFC 3164, RFC 5424).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "sensor/base/byte_reader.h"

namespace sensor::syslog {

/// RFC 3164 section 4.1.1: facility times eight and severity.
struct Priority {
  uint8_t facility = 0;  // 0 to 127, of which 24 have a name
  uint8_t severity = 0;  // 0 to 7
};

/// Views of the datagram.
struct Message {
  std::optional<Priority> priority;  // unset: the message does not begin with one
  std::string_view text;
};

/// False when a priority begins and is malformed.
bool parse(Bytes datagram, Message& out);

/// Whether a datagram begins as both RFCs want it: a priority that has names, then a version or a date.
bool looks_like_message(Bytes datagram);

/// Zeek's names, "?-24" and so on where there is none, "UNSPECIFIED" without a priority.
std::string_view facility_name(const Message& m);
std::string_view severity_name(const Message& m);

}  // namespace sensor::syslog
