// Bytes as hexadecimal digits.
#pragma once

#include <string>

#include "sensor/base/byte_reader.h"

namespace sensor {

/// Two lower-case digits a byte.
inline std::string hex(Bytes bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string out;
  out.reserve(bytes.size() * 2);
  for (const uint8_t b : bytes) {
    out.push_back(kDigits[b >> 4]);
    out.push_back(kDigits[b & 15]);
  }
  return out;
}

}  // namespace sensor
