// X.509 certificates (RFC 5280), read through OpenSSL: the one place that sees openssl/x509.h.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sensor/base/byte_reader.h"
#include "sensor/net/ip_address.h"

namespace sensor::x509 {

/// Larger ones are not read.
inline constexpr size_t kMaxCertificateBytes = 256 * 1024;

/// Something odd, with Zeek's name for it (static storage).
struct Oddity {
  std::string_view name;
  std::string detail;
};

/// What of a certificate is logged. Texts are as OpenSSL prints them, at most 2047 characters each.
struct Certificate {
  std::string fingerprint;  // SHA-256 of the DER, lower-case hexadecimal
  uint64_t version = 0;     // 3 for v3
  std::string serial;       // hexadecimal
  std::string subject, issuer;
  std::string common_name;                    // last one of the subject; empty: none
  int64_t not_before_s = 0, not_after_s = 0;  // seconds since 1970; 0: not readable
  std::string key_algorithm, signature_algorithm;
  std::optional<std::string> key_type;  // "rsa", "dsa", "ecdsa"
  uint64_t key_bits = 0;                // 0: unknown
  std::optional<std::string> exponent;  // RSA, decimal
  std::optional<std::string> curve;
  bool has_alternative_name = false;
  std::vector<std::string> dns, uris, emails;
  std::vector<IpAddress> addresses;
  bool has_basic_constraints = false;
  bool is_ca = false;
  std::optional<uint64_t> path_length;
  std::vector<Oddity> oddities;

  /// RFC 6125 section 6.4: by the alternative names where there are any, else by the common name.
  bool matches_host(std::string_view host) const;
};

/// nullptr when the bytes are no certificate. Bytes after it are ignored.
std::shared_ptr<const Certificate> parse_certificate(Bytes der);

/// "*.example.com" and "w*.example.com" match one label; the pattern must have three labels.
bool host_matches_pattern(std::string_view host, std::string_view pattern);

}  // namespace sensor::x509
