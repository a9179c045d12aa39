// Packets of MySQL made by hand; shorter than 256 bytes.
#pragma once

#include <string>
#include <string_view>

namespace sensor::test {

/// Bytes written as a string literal, zeros included.
template <size_t N>
std::string mysql_bytes(const char (&text)[N]) {
  return std::string(text, N - 1);
}
inline std::string mysql_packet(uint8_t sequence, std::string_view content) {
  return std::string{static_cast<char>(content.size()), '\0', '\0', static_cast<char>(sequence)} + std::string(content);
}
inline std::string mysql_flags(uint32_t flags) {
  std::string out;
  for (int shift = 0; shift < 32; shift += 8) out += static_cast<char>(flags >> shift);
  return out;
}
inline std::string mysql_greeting(uint32_t capabilities = 0) {
  const std::string flags = mysql_flags(capabilities);
  return mysql_packet(0, mysql_bytes("\n8.0.1\0\1\0\0\0challeng\0") + flags.substr(0, 2) + mysql_bytes("\x21\2\0") + flags.substr(2) +
                             '\x15' + std::string(10, '\0') + "rest of it!!" + '\0' +
                             ((capabilities & 0x80000) != 0 ? mysql_bytes("plugin\0") : std::string()));
}
inline std::string mysql_login(std::string_view user, uint32_t capabilities = 0) {
  return mysql_packet(
      1, mysql_flags(capabilities) + mysql_bytes("\0\0\0\1\x21") + std::string(23, '\0') + std::string(user) + '\0' + "\4pass");
}
inline std::string mysql_ssl_request() {
  return mysql_packet(1, mysql_flags(0x800) + mysql_bytes("\0\0\0\1\x21") + std::string(23, '\0'));
}
inline std::string mysql_command(uint8_t command, std::string_view argument = {}) {
  return mysql_packet(0, static_cast<char>(command) + std::string(argument));
}
inline std::string mysql_ok(uint8_t sequence, uint8_t rows = 0) {
  return mysql_packet(sequence, std::string{'\0', static_cast<char>(rows), '\0', '\2', '\0', '\0', '\0'});
}
inline std::string mysql_eof(uint8_t sequence) {
  return mysql_packet(sequence, mysql_bytes("\xfe\0\0\2\0"));
}
inline std::string mysql_error(uint8_t sequence, std::string_view message) {
  return mysql_packet(sequence, mysql_bytes("\xff\x15\4#28000") + std::string(message));
}

}  // namespace sensor::test
