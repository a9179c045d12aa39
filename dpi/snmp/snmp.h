// SNMP messages (v1: RFC 1157, v2c: RFC 1901 and 3416, v3: RFC 3412), in BER (X.690).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "sensor/base/byte_reader.h"

namespace sensor::snmp {

enum class Version : uint8_t { V1 = 0, V2c = 1, V3 = 3 };

/// What a message asks for or says, by its tag (RFC 1157 section 4.1, RFC 3416 section 3).
enum class PduType : uint8_t {
  GetRequest = 0xa0,
  GetNextRequest = 0xa1,
  Response = 0xa2,
  SetRequest = 0xa3,
  TrapV1 = 0xa4,
  GetBulkRequest = 0xa5,
  InformRequest = 0xa6,
  TrapV2 = 0xa7,
  Report = 0xa8,
};

/// Views of the datagram.
struct Message {
  Version version{};
  std::optional<std::string_view> community;           // versions 1 and 2c
  std::optional<PduType> pdu;                          // unset: encrypted, or of no type that is known
  uint64_t bindings = 0;                               // variables that it names
  std::optional<std::string_view> system_description;  // value of sysDescr.0 in a response, the last one
  std::optional<uint64_t> up_hundredths;               // value of sysUpTime.0 in a response, in 1/100 s, the last one
  // Bytes of the first one of the kind, 0 if there is none. A counter from 2^63 on takes nine.
  size_t wide_integer = 0;  // an integer of more than 8 bytes: read as 0
  size_t long_arc = 0;      // a number of more than 10 bytes in an object identifier
};

enum class Parsed : uint8_t { Malformed, UnknownVersion, Message };

/// `header_read` is set once version, community and security parameters were well formed, whatever becomes of the rest.
Parsed parse(Bytes datagram, Message& out, bool& header_read);

/// Whether a datagram is an SNMP message and nothing else.
bool looks_like_message(Bytes datagram);

}  // namespace sensor::snmp
