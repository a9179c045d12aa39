// Fingerprints of TLS clients and servers by their hellos: JA3 and JA3S (github.com/salesforce/ja3), JA4 (github.com/FoxIO-LLC/ja4,
// technical_details/JA4.md).
#pragma once

#include <string>

#include "dpi/tls/handshake.h"

namespace sensor::tls {

/// Of a whole hello. Values that only test servers for tolerance (GREASE, RFC 8701) do not count.
std::string ja3(const ClientHello& hello);
std::string ja3s(const ServerHello& hello);

/// What carries the hello.
enum class Carrier : char { Tcp = 't', Quic = 'q', Dtls = 'd' };
std::string ja4(const ClientHello& hello, Carrier carrier);

}  // namespace sensor::tls
