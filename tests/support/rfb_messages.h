// Messages of RFB made by hand.
#pragma once

#include <string>
#include <string_view>

namespace sensor::test {

inline std::string rfb_u32(uint32_t n) {
  return {static_cast<char>(n >> 24), static_cast<char>(n >> 16), static_cast<char>(n >> 8), static_cast<char>(n)};
}
inline std::string rfb_text(std::string_view s) {
  return rfb_u32(static_cast<uint32_t>(s.size())) + std::string(s);
}
inline std::string rfb_version(std::string_view minor) {
  return "RFB 003." + std::string(minor) + "\n";
}
/// 1024 by 768 pixels.
inline std::string rfb_server_init(std::string_view name) {
  return std::string("\x04\0\x03\0", 4) + std::string(16, '\x20') + rfb_text(name);
}

}  // namespace sensor::test
