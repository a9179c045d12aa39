// Bytes as hexadecimal digits.
#pragma once

#include <string>

#include "sensor/base/byte_reader.h"

namespace sensor {

/// Two lower-case digits a byte; `separator`, unless it is 0, between bytes.
inline std::string hex(Bytes bytes, char separator = 0) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  if (bytes.empty()) return {};
  const size_t width = separator != 0 ? 3 : 2;
  std::string out(bytes.size() * width - (width - 2), separator);
  size_t at = 0;
  for (const uint8_t b : bytes) {
    out[at] = kDigits[b >> 4];
    out[at + 1] = kDigits[b & 15];
    at += width;
  }
  return out;
}

}  // namespace sensor
