// GSSAPI tokens (RFC 2743 section 3.1) of SPNEGO (RFC 4178; MS-SPNG), by which two sides agree on NTLM or Kerberos.
#pragma once

#include <cstdint>
#include <optional>

#include "sensor/base/byte_reader.h"

namespace sensor::gssapi {

/// What a token of the chosen mechanism is, by its first bytes.
enum class Mechanism : uint8_t { None, Ntlm, Kerberos };

/// Spans point into the token.
struct Token {
  /// negState of an answer (RFC 4178 section 4.2.2): 0 accept-completed, 1 accept-incomplete, 2 reject, 3 request-mic.
  std::optional<uint64_t> result;
  Mechanism mechanism = Mechanism::None;
  Bytes inner;  // for Kerberos, what follows the token's id (RFC 4121 section 4.1)
};

/// False where the token is malformed, or another mechanism's without SPNEGO around it; `out` then has what came before.
/// Checksums and wrapped messages (RFC 4121 section 4.2) say nothing.
bool read_token(Bytes bytes, Token& out);

}  // namespace sensor::gssapi
