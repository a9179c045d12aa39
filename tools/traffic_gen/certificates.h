#pragma once

#include <string_view>

namespace sensor::gen {

/// DER, made once with OpenSSL for this generator; the keys were thrown away. Valid from 2026 to 2036.
std::string_view ecdsa_leaf();             // *.example.com, P-256, signed by ca()
std::string_view rsa_leaf();               // *.example.net, RSA 2048, signed by ca()
std::string_view certificate_authority();  // RSA 2048, self-signed

}  // namespace sensor::gen
