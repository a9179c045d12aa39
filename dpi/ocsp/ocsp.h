// OCSP responses (RFC 6960), read through OpenSSL.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sensor/base/byte_reader.h"

namespace sensor::ocsp {

/// Larger ones are not read.
inline constexpr size_t kMaxResponseBytes = 256 * 1024;

/// What a response says of one certificate. Texts are as OpenSSL prints them; times are seconds since 1970, 0 where there is none or it
/// cannot be read.
struct CertificateState {
  std::string hash_algorithm;
  std::string issuer_name_hash, issuer_key_hash;  // upper-case hexadecimal
  std::string serial;
  std::string_view status;  // "good", "revoked", "unknown"; static storage
  int64_t revoked_at_s = 0;
  std::string_view revocation_reason;  // empty: none given; static storage
  int64_t this_update_s = 0, next_update_s = 0;
};

/// nullopt when the bytes are no response. Empty when the responder refused to answer.
std::optional<std::vector<CertificateState>> parse_response(Bytes der);

}  // namespace sensor::ocsp
