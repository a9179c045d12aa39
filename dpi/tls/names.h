// Names of TLS code points, spelled as Zeek spells them.
#pragma once

#include <cstdint>
#include <string>

namespace sensor::tls {

/// Which server key exchange message a cipher suite implies, as far as it is read.
enum class KeyExchange : uint8_t {
  Other,     // none, or one that tells nothing
  Ecdhe,     // named curve and signature (RFC 8422 section 5.4)
  EcdhAnon,  // named curve, no signature
  Dhe,       // p, g, Ys and signature (RFC 5246 section 7.4.3)
  DhAnon,    // p, g, Ys, no signature
};

/// "TLSv12", "DTLSv10", "TLSv13-draft18", or "unknown-N".
std::string version_name(uint32_t version);
/// IANA's name of a suite (SSLv2: its 24-bit code), or "unknown-N".
std::string cipher_name(uint32_t suite);
/// The named group, or "unknown-N".
std::string curve_name(uint32_t group);
/// The alert's description (RFC 8446 section 6), or "unknown-N".
std::string alert_name(uint32_t description);
KeyExchange key_exchange(uint32_t suite);

}  // namespace sensor::tls
