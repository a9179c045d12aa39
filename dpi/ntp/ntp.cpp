#include "dpi/ntp/ntp.h"

#include <limits>

namespace sensor::ntp {
namespace {

constexpr int64_t kNsPerSecond = 1'000'000'000;
/// What may follow a message as its digest: a key's number and 128 or 160 bits (RFC 5905 section 7.3, RFC 5906).
constexpr size_t kLongestDigest = 24;

Mode mode_of(uint8_t first_byte) {
  return Mode{static_cast<uint8_t>(first_byte & 7)};
}

bool is_time_mode(Mode m) {
  return m >= Mode::SymmetricActive && m <= Mode::Broadcast;
}

/// RFC 7822: a type, and a length that counts itself and is at least 16. The last field may not be as short as a digest.
bool skip_extension_fields(ByteReader& r, uint32_t& count) {
  constexpr uint16_t kHeader = 4, kShortest = 16;
  while (r.remaining() > kLongestDigest) {
    r.skip(2);
    const uint16_t length = r.u16();
    if (length < kShortest) return false;
    r.skip(length - kHeader);
    if (!r.ok()) return false;
    count++;
  }
  return true;
}

bool read_time(ByteReader& r, Message& m) {
  m.stratum = r.u8();
  m.poll = static_cast<int8_t>(r.u8());
  m.precision = static_cast<int8_t>(r.u8());
  m.root_delay = r.u32();
  m.root_dispersion = r.u32();
  m.reference_id = r.bytes(4);
  m.reference = r.u64();
  m.origin = r.u64();
  m.receive = r.u64();
  m.transmit = r.u64();
  m.tells_time = r.ok();
  return r.ok() && skip_extension_fields(r, m.extension_fields);
}

/// RFC 9327 section 2.
bool read_control(ByteReader& r) {
  r.skip(9);  // operation, sequence, status, association, offset
  r.skip(r.u16());
  return r.ok();
}

/// ntpd's ntp_request.h: whether there is a digest, and a sequence; implementation, request, error and number of items. As in Zeek, there
/// must be as many bytes as items, and a key's number and 128 bits of a digest.
bool read_private(ByteReader& r) {
  constexpr uint8_t kDigest = 0x80;
  constexpr uint16_t kItems = 0x0fff;
  const bool digest = (r.u8() & kDigest) != 0;
  r.skip(2);
  r.skip(r.u16() & kItems);
  if (digest) r.skip(4 + 16);
  return r.ok();
}

}  // namespace

bool parse(Bytes datagram, Message& m) {
  ByteReader r(datagram);
  const uint8_t first = r.u8();
  m = {};
  m.version = first >> 3 & 7;
  m.mode = mode_of(first);
  if (is_time_mode(m.mode)) return read_time(r, m);
  if (m.mode == Mode::Control) return read_control(r);
  if (m.mode == Mode::Private) return read_private(r);
  return r.ok();
}

bool looks_like_answer(Bytes datagram) {
  constexpr uint8_t kHighestStratum = 16;
  constexpr int8_t kLongestPoll = 17, kCoarsest = 0, kFinest = -32;
  constexpr uint32_t kSixteenSeconds = 16 << 16;
  Message m;
  if (mode_of(ByteReader(datagram).peek()) != Mode::Server || !parse(datagram, m)) return false;
  const uint64_t answered_after = (m.transmit >> 32) - (m.receive >> 32);
  return m.version >= 1 && m.version <= 4 && m.stratum >= 1 && m.stratum <= kHighestStratum && m.poll >= 0 && m.poll <= kLongestPoll &&
         m.precision <= kCoarsest && m.precision >= kFinest && m.root_delay < kSixteenSeconds && m.root_dispersion < kSixteenSeconds &&
         m.receive != 0 && m.origin != 0 && answered_after <= 1;
}

int64_t unix_ns(uint64_t timestamp) {
  constexpr int64_t k1900To1970 = 2'208'988'800;
  if (timestamp == 0) return 0;
  const uint64_t microseconds = ((timestamp & 0xffffffff) * 1'000'000 + (uint64_t{1} << 31)) >> 32;
  return (static_cast<int64_t>(timestamp >> 32) - k1900To1970) * kNsPerSecond + static_cast<int64_t>(microseconds) * 1000;
}

int64_t short_ns(uint32_t seconds_16_16) {
  return (int64_t{seconds_16_16} * kNsPerSecond + (1 << 15)) >> 16;
}

int64_t power_of_two_ns(int8_t exponent) {
  constexpr int kLongest = 33, kNothing = -32;
  if (exponent > kLongest) return std::numeric_limits<int64_t>::max();
  if (exponent >= 0) return kNsPerSecond << exponent;
  if (exponent < kNothing) return 0;
  return (kNsPerSecond + (int64_t{1} << (-exponent - 1))) >> -exponent;
}

}  // namespace sensor::ntp
