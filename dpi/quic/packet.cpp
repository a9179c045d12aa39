#include "dpi/quic/packet.h"

#include <fmt/format.h>

namespace sensor::quic {
namespace {

constexpr uint8_t kLongHeader = 0x80, kFixedBit = 0x40;

/// Enough for the longest packet number and the sample that header protection takes (RFC 9001 section 5.4.2).
constexpr uint64_t kMinInitialBytes = 20;
constexpr size_t kRetryTagBytes = 16;

PacketType long_type(uint32_t version, uint8_t first) {
  constexpr PacketType kTypes[] = {PacketType::Initial, PacketType::ZeroRtt, PacketType::Handshake, PacketType::Retry};
  const unsigned bits = first >> 4 & 3;
  // Version 2 counts them from one on (RFC 9369 section 3.2).
  return kTypes[version == version::k2 ? (bits + 3) % 4 : bits];
}

bool skip_payload(ByteReader& r, uint64_t length) {
  if (length > r.remaining()) r.fail();
  if (r.ok()) r.skip(length);
  return r.ok();
}

bool parse_initial(ByteReader& r, size_t start, Packet& out) {
  if (!skip_payload(r, read_varint(r))) return false;  // token
  const uint64_t length = read_varint(r);
  if (length < kMinInitialBytes) return false;
  out.packet_number_offset = r.position() - start;
  if (!skip_payload(r, length)) return false;
  out.bytes = r.whole().subspan(start, r.position() - start);
  return true;
}

bool parse_long_header(ByteReader& r, size_t start, uint8_t first, Packet& out) {
  out.version = r.u32();
  out.destination_id = r.bytes(r.u8());
  out.source_id = r.bytes(r.u8());
  if (!r.ok()) return false;
  if (!is_known_version(out.version)) {
    out.type = PacketType::UnknownVersion;
    r.skip(r.remaining());
    return true;
  }
  out.type = long_type(out.version, first);
  switch (out.type) {
    case PacketType::Initial:
      return parse_initial(r, start, out);
    case PacketType::Retry:
      if (r.remaining() < kRetryTagBytes) return false;
      r.skip(r.remaining());
      return true;
    default:
      return skip_payload(r, read_varint(r));
  }
}

bool skip_ack(ByteReader& r, bool with_ecn) {
  (void)read_varint(r);  // largest acknowledged
  (void)read_varint(r);  // delay
  const uint64_t ranges = read_varint(r);
  (void)read_varint(r);  // first range
  // Each range takes two bytes at least.
  if (ranges > r.remaining() / 2) return false;
  for (uint64_t i = 0; i < 2 * ranges; i++) (void)read_varint(r);
  for (int i = 0; with_ecn && i < 3; i++) (void)read_varint(r);
  return r.ok();
}

}  // namespace

bool is_known_version(uint32_t v) {
  if (v == version::k1 || v == version::k2 || (v >= version::kDraft22 && v <= version::kDraft34)) return true;
  switch (v) {
    case version::kMvfst1:
    case version::kMvfst2:
    case 0xfaceb00e:
    case 0xfaceb011:
    case 0xfaceb012:
    case version::kMvfstLast:
      return true;
    default:
      return false;
  }
}

std::string version_name(uint32_t v) {
  if (v == version::k1) return "1";
  if (v == version::k2) return "quicv2";
  if (v >= version::kDraft22 && v <= version::kDraft34) {
    const uint32_t draft = v & 0xff;
    return fmt::format("draft-{}", draft == 31 ? 30 : draft);  // as Zeek names it
  }
  return is_known_version(v) ? fmt::format("mvfst ({:x})", v) : fmt::format("unknown-{:x}", v);
}

uint64_t read_varint(ByteReader& r) {
  const uint8_t first = r.u8();
  uint64_t v = first & 0x3f;
  for (int more = (1 << (first >> 6)) - 1; more > 0; more--) v = v << 8 | r.u8();
  return v;
}

bool parse_packet(ByteReader& r, size_t short_id_bytes, Packet& out) {
  out = {};
  const size_t start = r.position();
  const uint8_t first = r.u8();
  if (!r.ok()) return false;
  if ((first & kFixedBit) == 0) {
    r.skip(r.remaining());
    return true;
  }
  if ((first & kLongHeader) != 0) return parse_long_header(r, start, first, out);
  out.type = PacketType::Short;
  r.skip(short_id_bytes);
  r.skip(r.remaining());
  return r.ok();
}

bool parse_frame(ByteReader& r, Frame& out) {
  constexpr uint8_t kPadding = 0x00, kPing = 0x01, kAck = 0x02, kAckEcn = 0x03, kCrypto = 0x06, kConnectionClose = 0x1c;
  out = {};
  const uint8_t type = r.u8();
  switch (type) {
    case kPadding:
      while (!r.empty() && r.peek() == kPadding) r.skip(1);
      return r.ok();
    case kPing:
      return r.ok();
    case kAck:
    case kAckEcn:
      return skip_ack(r, type == kAckEcn);
    case kCrypto: {
      out.type = FrameType::Crypto;
      out.offset = read_varint(r);
      const uint64_t length = read_varint(r);
      if (length > r.remaining()) return false;
      out.data = r.bytes(length);
      return r.ok();
    }
    case kConnectionClose:
      out.type = FrameType::ConnectionClose;
      (void)read_varint(r);  // error code
      (void)read_varint(r);  // type of the frame that caused it
      return skip_payload(r, read_varint(r));
    default:
      return false;
  }
}

}  // namespace sensor::quic
