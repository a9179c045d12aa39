// Handshake messages of SSLv3, TLS 1.0 to 1.3 and DTLS (RFC 5246 section 7.4, RFC 8446 section 4), as far as logs need them.
//
// Every function takes the body of one whole message, without its 4-byte header. False means that the message is malformed; what was read
// up to that point is in the result and may be used. Results point into the message and live as long as it does.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "dpi/tls/names.h"
#include "sensor/base/byte_reader.h"

namespace sensor::tls {

namespace version {
inline constexpr uint16_t kUnknown = 0, kSsl2 = 0x0002, kSsl3 = 0x0300, kTls10 = 0x0301, kTls11 = 0x0302, kTls12 = 0x0303, kTls13 = 0x0304,
                          kDtls13 = 0xfefc, kDtls12 = 0xfefd, kDtls10 = 0xfeff;
}

/// True for a version that a hello may carry, the drafts of TLS 1.3 (0x7fxx) included.
bool is_known_version(uint16_t v);

/// Message types (IANA TLS HandshakeType).
namespace handshake {
inline constexpr uint8_t kHelloRequest = 0, kClientHello = 1, kServerHello = 2, kHelloVerifyRequest = 3, kNewSessionTicket = 4,
                         kEndOfEarlyData = 5, kHelloRetryRequest = 6, kEncryptedExtensions = 8, kCertificate = 11, kServerKeyExchange = 12,
                         kCertificateRequest = 13, kServerHelloDone = 14, kCertificateVerify = 15, kClientKeyExchange = 16, kFinished = 20,
                         kCertificateUrl = 21, kCertificateStatus = 22, kSupplementalData = 23, kKeyUpdate = 24, kMessageHash = 254;
}

/// A session id as two hellos are compared by it: shorter ones padded with zeros, longer ones than the protocol allows taken as empty.
using SessionId = std::array<uint8_t, 32>;
SessionId make_session_id(Bytes id);

/// What the extensions of a hello tell. Of one that occurs twice the last counts.
struct Extensions {
  uint32_t count = 0;  // extensions read
  /// Server Name Indication (RFC 6066 section 3); set, perhaps empty, when the extension is there and not empty.
  std::optional<std::vector<std::string_view>> server_names;
  std::optional<uint8_t> unknown_server_name_type;
  /// Application-Layer Protocol Negotiation (RFC 7301).
  std::optional<std::vector<std::string_view>> alpn;
  std::optional<uint16_t> selected_version;  // supported_versions of a server (RFC 8446 section 4.2.1)
  std::optional<uint16_t> selected_group;    // key_share of a server, or of its hello retry request
  // As they stand in the message, and empty where they are not there; for fingerprints.
  std::vector<uint16_t> types;
  Bytes groups, point_formats, signature_algorithms, supported_versions;  // of a client
  bool session_ticket = false;                                            // a ticket that is not empty (RFC 5077)
  bool pre_shared_key = false;
};

struct ClientHello {
  uint16_t version = 0;
  SessionId session_id{};
  Bytes cipher_suites;
  Extensions extensions;
};

struct ServerHello {
  uint16_t version = 0;
  SessionId session_id{};
  uint16_t cipher_suite = 0;
  bool hello_retry_request = false;  // by its random (RFC 8446 section 4.1.3)
  Extensions extensions;
};

struct CertificateStatus {
  uint8_t type = 0;  // 1: OCSP
  Bytes response;
};

bool parse_client_hello(Bytes body, ClientHello& out);
bool parse_server_hello(Bytes body, ServerHello& out);
/// The certificates of a chain in the order sent; some may be empty.
bool parse_certificate_chain(Bytes body, std::vector<Bytes>& out);
/// `signature_names_algorithm`: the version is TLS 1.2 or later. `curve` is set where the message names one.
bool parse_server_key_exchange(Bytes body, KeyExchange kind, bool signature_names_algorithm, std::optional<uint16_t>& curve);
bool parse_certificate_status(Bytes body, CertificateStatus& out);
bool check_certificate_request(Bytes body, bool names_signature_algorithms);
bool check_new_session_ticket(Bytes body);
bool check_hello_verify_request(Bytes body);

}  // namespace sensor::tls
