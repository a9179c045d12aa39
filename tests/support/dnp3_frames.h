// Frames of DNP3 made by hand.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

namespace sensor::test {

/// The checksum as IEEE 1815 defines it, bit by bit.
inline std::string dnp3_with_checksum(const std::string& bytes) {
  unsigned c = 0;
  for (const char b : bytes) {
    c ^= static_cast<uint8_t>(b);
    for (int bit = 0; bit < 8; bit++) c = (c & 1) != 0 ? c >> 1 ^ 0xa6bcU : c >> 1;
  }
  c = ~c;
  return bytes + static_cast<char>(c & 0xff) + static_cast<char>(c >> 8 & 0xff);
}
/// `content`: the transport function's byte and what follows it.
inline std::string dnp3_frame(uint8_t control, std::string_view content) {
  std::string out =
      dnp3_with_checksum({'\x05', '\x64', static_cast<char>(content.size() + 5), static_cast<char>(control), '\4', '\0', '\3', '\0'});
  for (size_t at = 0; at < content.size(); at += 16) out += dnp3_with_checksum(std::string(content.substr(at, 16)));
  return out;
}
constexpr uint8_t kDnp3FromMaster = 0xc4, kDnp3FromOutstation = 0x44;
/// A request or a response in one frame.
inline std::string dnp3_request(uint8_t function, std::string_view objects = {}) {
  return dnp3_frame(kDnp3FromMaster, std::string{'\xc0', '\xc0', static_cast<char>(function)} + std::string(objects));
}
inline std::string dnp3_response(uint8_t function, char indications = 0) {
  return dnp3_frame(kDnp3FromOutstation, std::string{'\xc0', '\xc0', static_cast<char>(function), indications, '\0'});
}

}  // namespace sensor::test
