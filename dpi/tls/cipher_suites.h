// The table of cipher suites.
#pragma once

#include <cstdint>
#include <string_view>

#include "dpi/tls/names.h"

namespace sensor::tls {

struct CipherSuite {
  uint32_t number;  // 16 bits for TLS, 24 for SSLv2
  KeyExchange key_exchange;
  std::string_view name;
};

/// nullptr when the number names no suite.
const CipherSuite* find_cipher_suite(uint32_t number);

}  // namespace sensor::tls
