// Text in UTF-16, as Microsoft's protocols carry it.
#pragma once

#include <cstdint>
#include <string>

#include "sensor/base/byte_reader.h"

namespace sensor {

namespace detail {
inline void append_utf8(std::string& out, uint32_t c) {
  if (c < 0x80) {
    out += static_cast<char>(c);
    return;
  }
  if (c < 0x800) {
    out += static_cast<char>(0xc0 | c >> 6);
  } else {
    if (c < 0x10000) {
      out += static_cast<char>(0xe0 | c >> 12);
    } else {
      out += static_cast<char>(0xf0 | c >> 18);
      out += static_cast<char>(0x80 | (c >> 12 & 0x3f));
    }
    out += static_cast<char>(0x80 | (c >> 6 & 0x3f));
  }
  out += static_cast<char>(0x80 | (c & 0x3f));
}
}  // namespace detail

/// Little-endian UTF-16 up to its first zero as UTF-8, at most one and a half times as long. A surrogate without its other half is kept
/// as if it were a character; the last byte of an odd length is a character of its own.
inline std::string utf16le_to_utf8(Bytes text) {
  std::string out;
  out.reserve(text.size() / 2);
  ByteReader r(text);
  while (!r.empty()) {
    uint32_t c = r.remaining() >= 2 ? r.u16le() : r.u8();
    if (c == 0) break;
    const bool high = c >= 0xd800 && c < 0xdc00;
    if (const uint32_t low = high ? r.peek() | uint32_t{r.peek(1)} << 8 : 0; low >= 0xdc00 && low < 0xe000) {
      r.skip(2);
      c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
    }
    detail::append_utf8(out, c);
  }
  return out;
}

}  // namespace sensor
