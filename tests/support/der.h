// ASN.1 elements made by hand (X.690).
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

#include "dpi/asn1/ber.h"

namespace sensor::test {

inline std::string der(uint8_t tag, std::string_view content) {
  std::string out(1, static_cast<char>(tag));
  const size_t n = content.size();
  if (n < 0x80) {
    out += static_cast<char>(n);
  } else {
    out += {static_cast<char>(0x82), static_cast<char>(n >> 8), static_cast<char>(n)};
  }
  return out.append(content);
}
inline std::string der_sequence(std::initializer_list<std::string> elements) {
  std::string content;
  for (const std::string& e : elements) content += e;
  return der(asn1::kSequence, content);
}
/// [number] of the element.
inline std::string der_field(uint8_t number, std::string_view element) {
  return der(asn1::context_constructed(number), element);
}
/// Of one byte.
inline std::string der_integer(uint8_t n) {
  return der(asn1::kInteger, std::string(1, static_cast<char>(n)));
}
inline std::string der_octets(std::string_view content) {
  return der(asn1::kOctetString, content);
}

}  // namespace sensor::test
