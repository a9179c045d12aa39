// DCE-RPC over connections (C706 chapter 12, MS-RPCE section 2.2.2): protocol data units and what they carry.
#pragma once

#include <cstdint>
#include <optional>
#include <variant>
#include <vector>

#include "sensor/base/byte_reader.h"

namespace sensor::dce_rpc {

/// PTYPE of those that are read.
enum class Type : uint8_t { Request = 0, Response = 2, Bind = 11, BindAck = 12, AlterContext = 14, AlterContextAck = 15 };
inline constexpr uint8_t kLastType = 19;

/// Before every unit (C706 section 12.6.3.1).
struct Header {
  static constexpr size_t kSize = 16;

  Type type{};
  bool first = false, last = false;  // fragment of its message
  bool has_object = false;
  bool little_endian = true;
  uint16_t length = 0;       // of the unit, this header included
  uint16_t auth_length = 0;  // of the token in its security trailer
  uint32_t call_id = 0;
};
/// False where it is cut short, or of another version than 5.
bool read_header(ByteReader& r, Header& out);

/// MS-RPCE section 2.2.2.11.
struct Security {
  /// Of `provider` (section 2.2.1.1.7): those that are told apart.
  static constexpr uint8_t kSpnego = 0x09, kNtlm = 0x0a, kSchannel = 0x0e, kKerberos = 0x10, kNetlogon = 0x44;

  uint8_t provider = 0;
  Bytes token;
};

/// A unit; spans point into it.
struct Unit {
  Header header;
  Bytes body;  // of this fragment
  std::optional<Security> security;
};
/// A whole unit. False where its parts do not fit into it.
bool read_unit(Bytes bytes, Unit& out);

/// A presentation context that the client asks for.
struct Context {
  uint16_t id = 0;
  Bytes interface;  // its UUID
};
/// bind and alter_context (C706 sections 12.6.4.3 and 12.6.4.1).
struct Bind {
  std::vector<Context> contexts;
};
struct BindAck {
  Bytes secondary_address;  // the name of the pipe, or the port; with the zero that ends it
};
struct AlterContextAck {};
struct Request {
  uint16_t context = 0, operation = 0;
};
struct Response {
  uint16_t context = 0;
};
using Body = std::variant<std::monostate, Bind, BindAck, AlterContextAck, Request, Response>;

/// The body of a whole message; monostate for other types. False where it is cut short; a Bind then has the contexts before.
bool read_body(const Header& header, Bytes body, Body& out);

}  // namespace sensor::dce_rpc
