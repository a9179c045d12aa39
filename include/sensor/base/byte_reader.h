// A bounds-checked cursor over packet bytes: the only way the sensor reads them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>

namespace sensor {

using Bytes = std::span<const uint8_t>;

/// Views bytes as characters without copying; the result lives as long as the bytes.
inline std::string_view as_chars(Bytes b) {
  return {reinterpret_cast<const char*>(b.data()), b.size()};
}
/// Views characters as bytes without copying; the result lives as long as the characters.
inline Bytes as_bytes(std::string_view s) {
  return {reinterpret_cast<const uint8_t*>(s.data()), s.size()};
}

/// Reads integers and runs of bytes from a span that it does not own.
///
/// Failure is sticky: the first read past the end fails the reader, and every later read returns zero or an empty span.
/// So a parser may read a whole header and ask ok() once. A failed read does not move the cursor.
/// Every member takes constant time; no member throws or allocates. A reader belongs to one thread.
class ByteReader {
 public:
  constexpr ByteReader() = default;
  constexpr explicit ByteReader(Bytes bytes) : data_(bytes) {}

  /// False once a read went past the end, or fail() was called.
  constexpr bool ok() const { return ok_; }
  constexpr explicit operator bool() const { return ok_; }
  /// Bytes left to read; 0 after a failure.
  constexpr size_t remaining() const { return ok_ ? data_.size() - pos_ : 0; }
  constexpr bool empty() const { return remaining() == 0; }
  /// Bytes consumed so far.
  constexpr size_t position() const { return pos_; }
  /// What is left, without consuming it.
  constexpr Bytes rest() const { return ok_ ? data_.subspan(pos_) : Bytes{}; }
  /// The whole span the reader was made from (DNS compression pointers go back into it).
  constexpr Bytes whole() const { return data_; }

  /// Marks the input as bad for a reason the reader cannot see (a length field that contradicts another).
  constexpr void fail() { ok_ = false; }

  constexpr uint8_t u8() { return static_cast<uint8_t>(big_endian<1>()); }
  constexpr uint16_t u16() { return static_cast<uint16_t>(big_endian<2>()); }
  constexpr uint32_t u24() { return static_cast<uint32_t>(big_endian<3>()); }
  constexpr uint32_t u32() { return static_cast<uint32_t>(big_endian<4>()); }
  constexpr uint64_t u48() { return big_endian<6>(); }
  constexpr uint64_t u64() { return big_endian<8>(); }
  constexpr uint16_t u16le() { return static_cast<uint16_t>(little_endian<2>()); }
  constexpr uint32_t u32le() { return static_cast<uint32_t>(little_endian<4>()); }
  constexpr uint64_t u64le() { return little_endian<8>(); }

  /// The byte `ahead` positions after the cursor, not consumed; 0 where there is none (does not fail the reader).
  constexpr uint8_t peek(size_t ahead = 0) const { return ahead < remaining() ? data_[pos_ + ahead] : 0; }

  /// The next n bytes; an empty span and failure when fewer are left.
  constexpr Bytes bytes(size_t n) {
    if (n > remaining()) {
      ok_ = false;
      return {};
    }
    Bytes out = data_.subspan(pos_, n);
    pos_ += n;
    return out;
  }
  constexpr void skip(size_t n) { (void)bytes(n); }
  /// A reader over the next n bytes; failed when fewer are left.
  constexpr ByteReader sub(size_t n) {
    ByteReader r(bytes(n));
    r.ok_ = ok_;
    return r;
  }
  std::string_view chars(size_t n) { return as_chars(bytes(n)); }
  /// Moves to an absolute position in whole(); fails when it lies past the end.
  constexpr void seek(size_t pos) {
    if (pos > data_.size()) ok_ = false;
    if (ok_) pos_ = pos;
  }

 private:
  template <size_t N>
  constexpr uint64_t big_endian() {
    if (N > remaining()) {
      ok_ = false;
      return 0;
    }
    const uint64_t v = combine_big(data_.subspan(pos_, N), std::make_index_sequence<N>{});
    pos_ += N;
    return v;
  }
  template <size_t N>
  constexpr uint64_t little_endian() {
    if (N > remaining()) {
      ok_ = false;
      return 0;
    }
    const uint64_t v = combine_little(data_.subspan(pos_, N), std::make_index_sequence<N>{});
    pos_ += N;
    return v;
  }

  // Written without a loop, so that the compiler sees one load (and a byte swap) in it.
  template <size_t... I>
  static constexpr uint64_t combine_big(Bytes b, std::index_sequence<I...>) {
    return (uint64_t{0} | ... | (uint64_t{b[I]} << (8 * (sizeof...(I) - 1 - I))));
  }
  template <size_t... I>
  static constexpr uint64_t combine_little(Bytes b, std::index_sequence<I...>) {
    return (uint64_t{0} | ... | (uint64_t{b[I]} << (8 * I)));
  }

  Bytes data_;
  size_t pos_ = 0;
  bool ok_ = true;
};

}  // namespace sensor
