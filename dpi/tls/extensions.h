// Extensions of hello messages (RFC 8446 section 4.2).
#pragma once

#include "dpi/tls/handshake.h"

namespace sensor::tls {

inline constexpr uint16_t kServerNameType = 0, kAlpnType = 16;

enum class Hello : uint8_t { Client, Server };

/// Reads extensions up to the end of the reader. False: one contradicts its length; those before it are in `out`.
bool parse_extensions(ByteReader& r, Hello hello, Extensions& out);

}  // namespace sensor::tls
