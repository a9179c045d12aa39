#include "dpi/tls/names.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <string_view>

#include "dpi/tls/cipher_suites.h"

namespace sensor::tls {
namespace {

struct Named {
  uint32_t number;
  std::string_view name;
};

constexpr Named kVersions[] = {
    {0x0002, "SSLv2"},  {0x0300, "SSLv3"},   {0x0301, "TLSv10"},  {0x0302, "TLSv11"},  {0x0303, "TLSv12"},
    {0x0304, "TLSv13"}, {0xfefc, "DTLSv13"}, {0xfefd, "DTLSv12"}, {0xfeff, "DTLSv10"},
};

// RFC 8422, RFC 8446, RFC 7919, RFC 8734, RFC 9189 and drafts; the last sixteen pairs are GREASE (RFC 8701).
constexpr Named kCurves[] = {
    {1, "sect163k1"},
    {2, "sect163r1"},
    {3, "sect163r2"},
    {4, "sect193r1"},
    {5, "sect193r2"},
    {6, "sect233k1"},
    {7, "sect233r1"},
    {8, "sect239k1"},
    {9, "sect283k1"},
    {10, "sect283r1"},
    {11, "sect409k1"},
    {12, "sect409r1"},
    {13, "sect571k1"},
    {14, "sect571r1"},
    {15, "secp160k1"},
    {16, "secp160r1"},
    {17, "secp160r2"},
    {18, "secp192k1"},
    {19, "secp192r1"},
    {20, "secp224k1"},
    {21, "secp224r1"},
    {22, "secp256k1"},
    {23, "secp256r1"},
    {24, "secp384r1"},
    {25, "secp521r1"},
    {26, "brainpoolP256r1"},
    {27, "brainpoolP384r1"},
    {28, "brainpoolP512r1"},
    {29, "x25519"},
    {30, "x448"},
    {31, "brainpoolP256r1tls13"},
    {32, "brainpoolP384r1tls13"},
    {33, "brainpoolP512r1tls13"},
    {34, "GC256A"},
    {35, "GC256B"},
    {36, "GC256C"},
    {37, "GC256D"},
    {38, "GC512A"},
    {39, "GC512B"},
    {40, "GC512C"},
    {41, "curveSM2"},
    {256, "ffdhe2048"},
    {257, "ffdhe3072"},
    {258, "ffdhe4096"},
    {259, "ffdhe6144"},
    {260, "ffdhe8192"},
    {512, "MLKEM512"},
    {513, "MLKEM768"},
    {514, "MLKEM1024"},
    {2570, "grease_0x0A0A"},
    {4587, "SecP256r1MLKEM768"},
    {4588, "X25519MLKEM768"},
    {4589, "SecP384r1MLKEM1024"},
    {6682, "grease_0x1A1A"},
    {10794, "grease_0x2A2A"},
    {14906, "grease_0x3A3A"},
    {16696, "CECPQ2"},
    {19018, "grease_0x4A4A"},
    {23130, "grease_0x5A5A"},
    {25497, "X25519Kyber768Draft00"},
    {25498, "SecP256r1Kyber768Draft00"},
    {27242, "grease_0x6A6A"},
    {31354, "grease_0x7A7A"},
    {35466, "grease_0x8A8A"},
    {39578, "grease_0x9A9A"},
    {43690, "grease_0xAAAA"},
    {47802, "grease_0xBABA"},
    {51914, "grease_0xCACA"},
    {56026, "grease_0xDADA"},
    {60138, "grease_0xEAEA"},
    {64250, "grease_0xFAFA"},
    {65281, "arbitrary_explicit_prime_curves"},
    {65282, "arbitrary_explicit_char2_curves"},
};

constexpr Named kAlerts[] = {
    {0, "close_notify"},
    {10, "unexpected_message"},
    {20, "bad_record_mac"},
    {21, "decryption_failed"},
    {22, "record_overflow"},
    {30, "decompression_failure"},
    {40, "handshake_failure"},
    {41, "no_certificate"},
    {42, "bad_certificate"},
    {43, "unsupported_certificate"},
    {44, "certificate_revoked"},
    {45, "certificate_expired"},
    {46, "certificate_unknown"},
    {47, "illegal_parameter"},
    {48, "unknown_ca"},
    {49, "access_denied"},
    {50, "decode_error"},
    {51, "decrypt_error"},
    {60, "export_restriction"},
    {70, "protocol_version"},
    {71, "insufficient_security"},
    {80, "internal_error"},
    {86, "inappropriate_fallback"},
    {90, "user_canceled"},
    {100, "no_renegotiation"},
    {110, "unsupported_extension"},
    {111, "certificate_unobtainable"},
    {112, "unrecognized_name"},
    {113, "bad_certificate_status_response"},
    {114, "bad_certificate_hash_value"},
    {115, "unknown_psk_identity"},
    {116, "certificate_required"},
    {120, "no_application_protocol"},
    {121, "ech_required"},
};
static_assert(std::ranges::is_sorted(kVersions, {}, &Named::number));
static_assert(std::ranges::is_sorted(kCurves, {}, &Named::number));
static_assert(std::ranges::is_sorted(kAlerts, {}, &Named::number));

template <size_t N>
std::string name_of(const Named (&table)[N], uint32_t number) {
  const auto* it = std::ranges::lower_bound(table, number, {}, &Named::number);
  if (it != std::end(table) && it->number == number) return std::string(it->name);
  return fmt::format("unknown-{}", number);
}

}  // namespace

std::string version_name(uint32_t version) {
  // Zeek's arithmetic for the drafts 0x7f00 + n of TLS 1.3.
  if (version / 0xff == 0x7f) return fmt::format("TLSv13-draft{}", version % 0x7f);
  return name_of(kVersions, version);
}

std::string cipher_name(uint32_t suite) {
  const CipherSuite* found = find_cipher_suite(suite);
  return found != nullptr ? std::string(found->name) : fmt::format("unknown-{}", suite);
}

std::string curve_name(uint32_t group) {
  return name_of(kCurves, group);
}

std::string alert_name(uint32_t description) {
  return name_of(kAlerts, description);
}

KeyExchange key_exchange(uint32_t suite) {
  const CipherSuite* found = find_cipher_suite(suite);
  return found != nullptr ? found->key_exchange : KeyExchange::Other;
}

}  // namespace sensor::tls
