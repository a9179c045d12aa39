// NTP messages (RFC 5905, RFC 1305; control messages: RFC 9327; private ones as ntpd has them).
#pragma once

#include <cstdint>

#include "sensor/base/byte_reader.h"

namespace sensor::ntp {

/// Who sends a message to whom (RFC 5905 section 7.3).
enum class Mode : uint8_t { Reserved, SymmetricActive, SymmetricPassive, Client, Server, Broadcast, Control, Private };

/// A message of any mode. What tells the time is there in the modes from SymmetricActive to Broadcast only. Views of the datagram.
struct Message {
  uint8_t version = 0;
  Mode mode = Mode::Reserved;
  bool tells_time = false;
  uint8_t stratum = 0;  // 0: a kiss-o'-death, or unknown; 1: primary server
  int8_t poll = 0;      // both are powers of 2, in seconds
  int8_t precision = 0;
  uint32_t root_delay = 0;  // both in NTP's short format: seconds times 65536
  uint32_t root_dispersion = 0;
  Bytes reference_id;                                             // 4 bytes: text (stratum 0 and 1), or an IPv4 address, or a hash
  uint64_t reference = 0, origin = 0, receive = 0, transmit = 0;  // NTP timestamps; 0: unknown
  uint32_t extension_fields = 0;
};

/// False: cut short, or an extension field is malformed. What follows a message (a digest, padding) is not looked at.
bool parse(Bytes datagram, Message& out);

/// Whether a datagram is a server's answer, as far as one can tell without its question.
bool looks_like_answer(Bytes datagram);

/// Nanoseconds since 1970 of a timestamp of NTP's era 0 (1900 to 2036), to the microsecond; 0 for 0.
int64_t unix_ns(uint64_t timestamp);
/// Nanoseconds of a length of time in the short format.
int64_t short_ns(uint32_t seconds_16_16);
/// Nanoseconds of 2^exponent seconds; the longest length of time beyond 2^33.
int64_t power_of_two_ns(int8_t exponent);

}  // namespace sensor::ntp
