// ASN.1 elements in the Basic Encoding Rules (X.690), as Kerberos, LDAP and GSSAPI carry them.
#pragma once

#include <cstdint>

#include "sensor/base/byte_reader.h"

namespace sensor::asn1 {

/// Identifier octets. Tags above 30, which these protocols do not use, are not read.
inline constexpr uint8_t kBoolean = 0x01, kInteger = 0x02, kOctetString = 0x04, kNull = 0x05, kObjectIdentifier = 0x06, kEnumerated = 0x0a,
                         kGeneralizedTime = 0x18, kGeneralString = 0x1b, kSequence = 0x30, kSet = 0x31;
constexpr uint8_t context(uint8_t number) {
  return static_cast<uint8_t>(0x80 | number);
}
constexpr uint8_t context_constructed(uint8_t number) {
  return static_cast<uint8_t>(0xa0 | number);
}
constexpr uint8_t application(uint8_t number) {
  return static_cast<uint8_t>(0x60 | number);
}

/// What stands before an element's content.
struct Header {
  uint8_t tag = 0;
  uint64_t length = 0;  // of the content
};
/// Lengths of more than eight bytes, and the indefinite one, fail the reader.
inline Header read_header(ByteReader& r) {
  constexpr uint8_t kLongForm = 0x80;
  Header h;
  h.tag = r.u8();
  const uint8_t first = r.u8();
  h.length = first;
  if ((first & kLongForm) == 0) return h;
  const unsigned bytes = first & 0x7f;
  if (bytes == 0 || bytes > sizeof h.length) r.fail();
  h.length = 0;
  for (unsigned i = 0; i < bytes && r.ok(); i++) h.length = h.length << 8 | r.u8();
  return h;
}

struct Element {
  uint8_t tag = 0;
  Bytes content;
};
/// The next element; an empty one and failure where it is cut short.
inline Element read_element(ByteReader& r) {
  const Header h = read_header(r);
  if (h.length > r.remaining()) r.fail();
  return {h.tag, r.bytes(static_cast<size_t>(h.length))};
}
/// The content of the next element, which must have this tag.
inline ByteReader enter(ByteReader& r, uint8_t tag) {
  const Element e = read_element(r);
  if (e.tag != tag) r.fail();
  ByteReader inside(e.content);
  if (!r.ok()) inside.fail();
  return inside;
}

/// An integer's content as the number that its bytes make without a sign; more than eight bytes: 0.
inline uint64_t number(Bytes content) {
  if (content.size() > sizeof(uint64_t)) return 0;
  uint64_t n = 0;
  for (const uint8_t byte : content) n = n << 8 | byte;
  return n;
}

}  // namespace sensor::asn1
