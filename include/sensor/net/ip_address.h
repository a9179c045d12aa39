// IPv4 and IPv6 addresses in one 16-byte form.
#pragma once

#include <array>
#include <bit>
#include <compare>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

#include "sensor/base/byte_reader.h"

namespace sensor {

/// An address in network byte order. IPv4 is kept as its mapped form ::ffff:a.b.c.d (RFC 4291 section 2.5.5.2), so both
/// families compare, hash and shard alike; an IPv6 packet that carries a mapped address counts as IPv4, as in Zeek.
class IpAddress {
 public:
  constexpr IpAddress() = default;
  static constexpr IpAddress v4(uint32_t host_order) {
    IpAddress a;
    a.b_ = std::bit_cast<std::array<uint8_t, 16>>(std::array{uint64_t{0}, uint64_t{__builtin_bswap32(host_order)} << 32 | mapped_prefix()});
    return a;
  }
  /// From 4 or 16 bytes; any other length gives ::.
  static IpAddress from_bytes(Bytes bytes);
  /// Parses dotted or colon text.
  static std::optional<IpAddress> parse(std::string_view text);

  bool is_v4() const { return hi() == 0 && (lo() & 0xffffffff) == mapped_prefix(); }
  /// IPv4 value in host order; meaningful only when is_v4().
  uint32_t v4_value() const { return uint32_t{b_[12]} << 24 | uint32_t{b_[13]} << 16 | uint32_t{b_[14]} << 8 | b_[15]; }
  const std::array<uint8_t, 16>& bytes16() const { return b_; }
  /// The 4 or 16 bytes that stood in the packet.
  Bytes wire_bytes() const { return is_v4() ? Bytes(b_).subspan(12) : Bytes(b_); }
  /// First and second half as they lie in memory: for hashing and comparing, not for arithmetic.
  uint64_t hi() const {
    uint64_t v;
    std::memcpy(&v, b_.data(), 8);
    return v;
  }
  uint64_t lo() const {
    uint64_t v;
    std::memcpy(&v, b_.data() + 8, 8);
    return v;
  }
  /// RFC 5952 text, or dotted quad.
  std::string to_string() const;
  /// Writes to_string() into `out`, which holds at least 46 bytes; returns the end.
  char* write(char* out) const;

  bool operator==(const IpAddress& o) const { return hi() == o.hi() && lo() == o.lo(); }
  auto operator<=>(const IpAddress& o) const { return std::memcmp(b_.data(), o.b_.data(), 16) <=> 0; }

 private:
  /// The 4 bytes 00 00 ff ff as they lie in memory on this machine's byte order (little endian: the low half of lo()).
  static constexpr uint64_t mapped_prefix() { return 0xffff0000; }

  std::array<uint8_t, 16> b_{};
};

}  // namespace sensor
