// Messages of PostgreSQL made by hand.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sensor::test {

inline std::string pg_length(size_t n) {
  std::string out;
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(n >> shift);
  return out;
}
inline std::string pg_message(char type, std::string_view body) {
  return type + pg_length(body.size() + 4) + std::string(body);
}
inline std::string pg_ssl_request() {
  return pg_length(8) + std::string("\x04\xd2\x16\x2f", 4);
}
inline std::string pg_startup(const std::vector<std::string>& names_and_values) {
  std::string body("\0\3\0\0", 4);
  for (const std::string& s : names_and_values) body += s + '\0';
  return pg_length(body.size() + 5) + body + '\0';
}
inline std::string pg_query(std::string_view text) {
  return pg_message('Q', std::string(text) + '\0');
}
inline std::string pg_authentication(uint8_t kind, std::string_view data = {}) {
  return pg_message('R', std::string("\0\0\0", 3) + static_cast<char>(kind) + std::string(data));
}
inline std::string pg_error(char type, const std::vector<std::string>& fields) {
  std::string body;
  for (const std::string& f : fields) body += f + '\0';
  return pg_message(type, body + '\0');
}
inline std::string pg_row() {
  return pg_message('D', std::string("\0\1\0\0\0\1x", 7));
}
inline std::string pg_ready(char status = 'I') {
  return pg_message('Z', std::string(1, status));
}

}  // namespace sensor::test
