// QUIC packets as they stand in a datagram: headers and frames (RFC 9000 sections 17 and 19, RFC 9369).
#pragma once

#include <cstdint>
#include <string>

#include "sensor/base/byte_reader.h"

namespace sensor::quic {

namespace version {
inline constexpr uint32_t k1 = 0x00000001, k2 = 0x6b3343cf, kDraft22 = 0xff000016, kDraft23 = 0xff000017, kDraft28 = 0xff00001c,
                          kDraft29 = 0xff00001d, kDraft32 = 0xff000020, kDraft34 = 0xff000022, kMvfst1 = 0xfaceb001, kMvfst2 = 0xfaceb002,
                          kMvfstLast = 0xfaceb013;
}

/// True for versions whose packets are read: 1, 2, the drafts from 22 on and what Facebook's servers speak.
bool is_known_version(uint32_t v);
/// "1", "quicv2", "draft-29", "mvfst (faceb002)", or "unknown-" and the number in hexadecimal.
std::string version_name(uint32_t v);

enum class PacketType : uint8_t { Discarded, Short, UnknownVersion, Initial, ZeroRtt, Handshake, Retry };

struct Packet {
  PacketType type = PacketType::Discarded;
  // Long headers only:
  uint32_t version = 0;
  Bytes destination_id, source_id;
  // Initial only:
  Bytes bytes;                      // the packet from its first byte to its last
  size_t packet_number_offset = 0;  // into bytes; where the encrypted part begins
};

/// Reads the next packet of a datagram and moves behind it. A short header carries an id of `short_id_bytes`, which only the connection
/// knows; it, packets of unknown version and Retry go to the end of the datagram. False: malformed; the packet's fields are then undefined.
bool parse_packet(ByteReader& r, size_t short_id_bytes, Packet& out);

/// A variable-length integer (RFC 9000 section 16).
uint64_t read_varint(ByteReader& r);

enum class FrameType : uint8_t { Ignored, Crypto, ConnectionClose };

struct Frame {
  FrameType type = FrameType::Ignored;
  uint64_t offset = 0;  // Crypto: place of the data in its stream
  Bytes data;
};

/// Reads the next frame of an Initial packet. False: malformed, or of a type that has no place there.
bool parse_frame(ByteReader& r, Frame& out);

}  // namespace sensor::quic
