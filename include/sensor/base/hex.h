// Bytes as hexadecimal digits.
#pragma once

#include <string>

#include "sensor/base/byte_reader.h"

namespace sensor {

/// Writes two lower-case digits a byte at `out`; `separator`, unless it is 0, between bytes. Returns the end.
inline char* write_hex(Bytes bytes, char separator, char* out) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  for (size_t i = 0; i < bytes.size(); i++) {
    if (separator != 0 && i > 0) *out++ = separator;
    *out++ = kDigits[bytes[i] >> 4];
    *out++ = kDigits[bytes[i] & 15];
  }
  return out;
}

inline std::string hex(Bytes bytes, char separator = 0) {
  std::string out(bytes.size() * 3, '\0');
  out.resize(static_cast<size_t>(write_hex(bytes, separator, out.data()) - out.data()));
  return out;
}

}  // namespace sensor
