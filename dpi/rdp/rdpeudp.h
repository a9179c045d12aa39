// RDP's transport over UDP (MS-RDPEUDP): the two messages that open a connection.
#pragma once

#include <cstdint>

#include "sensor/base/byte_reader.h"

namespace sensor::rdpeudp {

inline constexpr uint16_t kSyn = 0x0001, kAck = 0x0004;

struct Handshake {
  uint32_t source_ack = 0;  // all ones in a SYN
  uint16_t flags = 0;
};

/// SYN and SYN+ACK have one form (sections 2.2.2.1 and 2.2.2.5 to 2.2.2.9). False: cut short.
bool parse_handshake(Bytes datagram, Handshake& out);
/// Whether a datagram is a client's SYN, padded as they are.
bool is_syn(Bytes datagram);

}  // namespace sensor::rdpeudp
