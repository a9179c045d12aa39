// Messages of Modbus made by hand.
#pragma once

#include <string>
#include <string_view>

namespace sensor::test {

inline std::string modbus_message(uint8_t transaction, uint8_t function, std::string_view body) {
  std::string out{'\0', static_cast<char>(transaction),     '\0', '\0',
                  '\0', static_cast<char>(body.size() + 2), '\1', static_cast<char>(function)};
  return out + std::string(body);
}
/// Bytes written as a string literal, zeros included.
template <size_t N>
std::string modbus_bytes(const char (&text)[N]) {
  return std::string(text, N - 1);
}

}  // namespace sensor::test
