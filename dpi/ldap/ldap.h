// LDAP messages (RFC 4511), as much of them as the logs tell.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "sensor/base/byte_reader.h"

namespace sensor::ldap {

/// Texts are UTF-8; longer ones are cut off.
inline constexpr size_t kMaxText = 4096;

/// Numbers of the operations' application tags (section 4.2 and following).
enum class Operation : uint8_t {
  BindRequest = 0,
  BindResponse = 1,
  UnbindRequest = 2,
  SearchRequest = 3,
  SearchEntry = 4,
  SearchDone = 5,
  ModifyRequest = 6,
  ModifyResponse = 7,
  AddRequest = 8,
  AddResponse = 9,
  DeleteRequest = 10,
  DeleteResponse = 11,
  ModifyNameRequest = 12,
  ModifyNameResponse = 13,
  CompareRequest = 14,
  CompareResponse = 15,
  AbandonRequest = 16,
  SearchReference = 19,
  ExtendedRequest = 23,
  ExtendedResponse = 24,
  Intermediate = 25,
};

/// Section 4.1.9.
struct Result {
  static constexpr uint64_t kSuccess = 0;

  uint64_t code = 0;
  std::string diagnostic;
};

/// How a client says who it is (section 4.2; 9 to 11: MS-ADTS section 5.1.1.1.3).
enum class Authentication : uint8_t { Simple = 0, Sasl = 3, SicilyDiscovery = 9, SicilyNegotiate = 10, SicilyResponse = 11 };
struct BindRequest {
  uint64_t version = 0;
  std::string name;
  Authentication authentication{};
  bool has_password = false;  // Simple: one that is not empty
  std::string mechanism;      // SASL's
};
struct BindResponse {
  Result result;
  bool kerberos = false;  // by SPNEGO, server and client agreed on Microsoft's Kerberos 5
};
/// Section 4.5.1.
struct SearchRequest {
  std::string base;
  uint64_t scope = 0, deref_aliases = 0;
  std::string filter;  // as RFC 4515 writes it, but that of more than two conditions each is put around those before, as in Zeek
};
struct ExtendedRequest {
  std::string name;  // its OID
};
/// Another request, about this object.
struct Request {
  std::string object;
};
/// Another answer.
struct Response {
  Result result;
};
struct Message {
  int64_t id = 0;
  Operation operation{};
  std::variant<std::monostate, BindRequest, BindResponse, SearchRequest, ExtendedRequest, Request, Response> body;
};

/// Name of StartTLS (section 4.14).
inline constexpr std::string_view kStartTls = "1.3.6.1.4.1.1466.20037";

/// A whole message. False where it is malformed.
bool read_message(Bytes bytes, Message& out);

/// Conditions may be in conditions so deep, elements of ASN.1 in elements.
inline constexpr unsigned kMaxFilterDepth = 20, kMaxElementDepth = 32;
/// The text of a filter; the reader fails where it is malformed or too deep. filter.cpp.
std::string read_filter(ByteReader& r, unsigned depth = 0);

/// Zeek's names; "unknown" where it has none.
std::string_view operation_name(Operation operation);
std::string_view result_name(uint64_t code);

}  // namespace sensor::ldap
