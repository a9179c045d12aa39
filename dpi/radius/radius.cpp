#include "dpi/radius/radius.h"

namespace sensor::radius {
namespace {

constexpr size_t kHeader = 20;  // code, identifier, length, authenticator

struct Attribute {
  uint8_t type = 0;
  Bytes value;
};

bool next(ByteReader& r, Attribute& out) {
  constexpr uint8_t kTypeAndLength = 2;
  out.type = r.u8();
  const uint8_t length = r.u8();
  if (length < kTypeAndLength) return false;
  out.value = r.bytes(length - kTypeAndLength);
  return r.ok();
}

}  // namespace

bool parse(Bytes datagram, Message& m) {
  ByteReader r(datagram);
  m.code = Code{r.u8()};
  m.identifier = r.u8();
  const uint16_t length = r.u16();
  r.skip(kHeader - 4);
  if (length < kHeader) return false;
  m.attributes = r.bytes(length - kHeader);
  if (!r.ok()) return false;
  ByteReader attributes(m.attributes);
  Attribute a;
  while (!attributes.empty()) {
    if (!next(attributes, a)) return false;
  }
  return true;
}

std::optional<Bytes> find(const Message& m, uint8_t type) {
  ByteReader r(m.attributes);
  Attribute a;
  while (!r.empty() && next(r, a)) {
    if (a.type == type) return a.value;
  }
  return std::nullopt;
}

bool looks_like_request(Bytes datagram) {
  constexpr size_t kLongest = 4096;  // RFC 2865 section 3
  ByteReader r(datagram);
  if (r.u8() != static_cast<uint8_t>(Code::AccessRequest)) return false;
  r.skip(1);
  if (r.u16() != datagram.size() || datagram.size() > kLongest) return false;
  Message m;
  if (!parse(datagram, m) || !find(m, attribute::kUserName)) return false;
  const auto address = find(m, attribute::kNasIpAddress), address6 = find(m, attribute::kNasIpv6Address);
  return (address && address->size() == 4) || (address6 && address6->size() == 16) || find(m, attribute::kNasIdentifier);
}

}  // namespace sensor::radius
