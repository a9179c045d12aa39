// Bytes as hexadecimal digits.
#pragma once

#include <string>

#include "sensor/base/byte_reader.h"

namespace sensor {

/// Two lower-case digits a byte; `separator`, unless it is 0, between bytes.
inline std::string hex(Bytes bytes, char separator = 0) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string out;
  out.reserve(bytes.size() * 3);
  for (const uint8_t b : bytes) {
    if (separator != 0 && !out.empty()) out.push_back(separator);
    out.push_back(kDigits[b >> 4]);
    out.push_back(kDigits[b & 15]);
  }
  return out;
}

}  // namespace sensor
