// DHCP messages made by hand.
#pragma once

#include <string>
#include <string_view>

#include "sensor/base/byte_reader.h"

namespace sensor::test {

inline std::string dhcp_option(uint8_t code, std::string_view value) {
  return static_cast<char>(code) + std::string(1, static_cast<char>(value.size())) + std::string(value);
}

struct DhcpShape {
  uint8_t type = 1;  // 0: no such option
  std::string transaction{"\0\0\0\1", 4};
  std::string assigned{"\0\0\0\0", 4};
  std::string client{"\2\0\0\0\0\x10", 6};
  std::string options{};
};
inline std::string dhcp_message(const DhcpShape& s) {
  std::string m{1, 1, 6, 0};
  m += s.transaction + std::string(8, '\0') + s.assigned + std::string(8, '\0') + s.client;
  m.resize(236);
  m += "\x63\x82\x53\x63";
  if (s.type != 0) m += dhcp_option(53, std::string(1, static_cast<char>(s.type)));
  return m + s.options + '\xff';
}

}  // namespace sensor::test
