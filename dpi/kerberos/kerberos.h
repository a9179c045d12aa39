// Kerberos 5 messages (RFC 4120): requests for tickets, their answers, and errors; certificates of PKINIT (RFC 4556).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "sensor/base/byte_reader.h"

namespace sensor::kerberos {

// Names are in the client's or the server's words; those with several parts have "/" between them. Longer ones than kMaxText are cut off.
inline constexpr size_t kMaxText = 1024;

/// AS-REQ, TGS-REQ (RFC 4120 section 5.4.1).
struct Request {
  bool for_ticket_granting = false;  // TGS-REQ
  std::optional<std::string> client, realm, service;
  std::optional<int64_t> from, till;  // seconds since 1970
  std::optional<bool> forwardable, renewable;
  size_t malformed_addresses = 0;     // IPv4 and IPv6 addresses of the client of another length than theirs
  std::optional<Bytes> certificates;  // that sign it
};
/// AS-REP, TGS-REP (section 5.4.2).
struct Reply {
  std::string client, realm;
  std::string service;  // of the ticket
  uint64_t cipher = 0;  // of the ticket (RFC 3961 section 8)
  std::optional<Bytes> certificates;
};
/// KRB-ERROR (section 5.9.1).
struct Error {
  uint64_t code = 0;
  std::optional<std::string> client, client_realm, service, text;
};
/// AP-REQ (section 5.5.1).
struct ApRequest {};
/// AP-REP, KRB-SAFE, KRB-PRIV, KRB-CRED.
struct Other {};
using Message = std::variant<Request, Reply, Error, ApRequest, Other>;

/// A whole message. False where it is malformed. Spans point into it. `wide_integer`: bytes of the first integer of more than eight, which
/// is read as 0; 0 if there is none.
bool read_message(Bytes bytes, Message& out, size_t& wide_integer);

/// Whether a message begins so. Yes takes some 20 bytes of it.
enum class Match : uint8_t { No, Unsure, Yes };
Match begins_with_message(Bytes bytes);

/// Zeek's names; empty where it has none.
std::string_view error_name(uint64_t code);
std::string_view cipher_name(uint64_t cipher);

}  // namespace sensor::kerberos
