#include "dpi/dce_rpc/dce_rpc.h"

namespace sensor::dce_rpc {
namespace {

constexpr size_t kUuid = 16;
/// An interface or a way of writing it, with its version.
constexpr size_t kSyntax = kUuid + 4;

uint16_t u16(ByteReader& r, const Header& h) {
  return h.little_endian ? r.u16le() : r.u16();
}

bool read_contexts(ByteReader& r, const Header& h, Bind& out) {
  constexpr size_t kSizesAndGroup = 2 + 2 + 4;
  r.skip(kSizesAndGroup);
  const size_t count = r.u8();
  r.skip(3);
  for (size_t i = 0; i < count && r.ok(); i++) {
    Context c;
    c.id = u16(r, h);
    const size_t syntaxes = r.u8();
    r.skip(1);
    c.interface = r.sub(kSyntax).bytes(kUuid);
    r.skip(syntaxes * kSyntax);
    if (r.ok()) out.contexts.push_back(c);
  }
  return r.ok();
}

/// bind_ack and alter_context_resp (C706 sections 12.6.4.4 and 12.6.4.2).
Bytes secondary_address(ByteReader& r, const Header& h) {
  constexpr size_t kSizesAndGroup = 2 + 2 + 4, kAlign = 4, kResult = 2 + 2 + kSyntax;
  r.skip(kSizesAndGroup);
  const Bytes address = r.bytes(u16(r, h));
  r.skip((kAlign - r.position() % kAlign) % kAlign);
  const size_t results = r.u8();
  r.skip(3);
  r.skip(results * kResult);
  return address;
}

Request request(ByteReader& r, const Header& h) {
  constexpr size_t kHint = 4;
  Request m;
  r.skip(kHint);
  m.context = u16(r, h);
  m.operation = u16(r, h);
  if (h.has_object) r.skip(kUuid);
  return m;
}

Response response(ByteReader& r, const Header& h) {
  constexpr size_t kHint = 4, kCancelCount = 2;
  r.skip(kHint);
  const Response m{u16(r, h)};
  r.skip(kCancelCount);
  return m;
}

}  // namespace

bool read_header(ByteReader& r, Header& out) {
  constexpr uint8_t kVersion = 5, kFirst = 1, kLast = 2, kObject = 0x80;
  if (r.u8() != kVersion) r.fail();
  r.skip(1);
  out.type = static_cast<Type>(r.u8());
  const uint8_t flags = r.u8();
  out.first = (flags & kFirst) != 0;
  out.last = (flags & kLast) != 0;
  out.has_object = (flags & kObject) != 0;
  out.little_endian = r.u8() >> 4 != 0;
  r.skip(3);
  out.length = u16(r, out);
  out.auth_length = u16(r, out);
  out.call_id = out.little_endian ? r.u32le() : r.u32();
  return r.ok();
}

bool read_unit(Bytes bytes, Unit& out) {
  constexpr size_t kTrailer = 8;
  out = {};
  ByteReader r(bytes);
  if (!read_header(r, out.header)) return false;
  const size_t security = out.header.auth_length == 0 ? 0 : kTrailer + out.header.auth_length;
  if (security > r.remaining()) return false;
  out.body = r.bytes(r.remaining() - security);
  if (security == 0) return true;
  out.security.emplace();
  out.security->provider = r.u8();
  r.skip(kTrailer - 1);
  out.security->token = r.rest();
  return true;
}

bool read_body(const Header& header, Bytes body, Body& out) {
  ByteReader r(body);
  switch (header.type) {
    case Type::Bind:
    case Type::AlterContext:
      return read_contexts(r, header, out.emplace<Bind>());
    case Type::BindAck:
      out = BindAck{secondary_address(r, header)};
      break;
    case Type::AlterContextAck:
      secondary_address(r, header);
      out = AlterContextAck{};
      break;
    case Type::Request:
      out = request(r, header);
      break;
    case Type::Response:
      out = response(r, header);
      break;
    default:
      out = {};
      return true;
  }
  if (!r.ok()) out = {};
  return r.ok();
}

}  // namespace sensor::dce_rpc
