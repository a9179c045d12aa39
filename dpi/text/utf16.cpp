#include "dpi/text/utf16.h"

namespace sensor::text {
namespace {

bool is_high_surrogate(uint32_t c) {
  return c >= 0xd800 && c <= 0xdbff;
}
bool is_low_surrogate(uint32_t c) {
  return c >= 0xdc00 && c <= 0xdfff;
}

/// RFC 3629 section 3.
void append_utf8(std::string& out, uint32_t c) {
  const auto tail = [&](unsigned shift) { out += static_cast<char>(0x80 | (c >> shift & 0x3f)); };
  if (c < 0x80) {
    out += static_cast<char>(c);
  } else if (c < 0x800) {
    out += static_cast<char>(0xc0 | c >> 6);
    tail(0);
  } else if (c < 0x10000) {
    out += static_cast<char>(0xe0 | c >> 12);
    tail(6);
    tail(0);
  } else {
    out += static_cast<char>(0xf0 | c >> 18);
    tail(12);
    tail(6);
    tail(0);
  }
}

}  // namespace

std::optional<std::string> utf16_to_utf8(Bytes utf16) {
  std::string out;
  bool ended = false;
  ByteReader r(utf16);
  while (r.remaining() >= 2) {
    uint32_t c = r.u16le();
    if (is_high_surrogate(c)) {
      if (r.remaining() < 2) return std::nullopt;
      ByteReader ahead = r;
      const uint32_t low = ahead.u16le();
      if (is_low_surrogate(low)) {
        c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
        r = ahead;
      }
    }
    ended |= c == 0;
    if (!ended) append_utf8(out, c);
  }
  return out;
}

}  // namespace sensor::text
