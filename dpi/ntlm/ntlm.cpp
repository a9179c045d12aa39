#include "dpi/ntlm/ntlm.h"

namespace sensor::ntlm {
namespace {

/// MS-NLMP section 2.2.2.5.
enum Flag : uint32_t {
  kUnicode = 0x1,
  kRequestTarget = 0x4,
  kDomainSupplied = 0x1000,
  kWorkstationSupplied = 0x2000,
  kTargetInfo = 0x800000,
};

/// Where in the message something is.
struct Field {
  uint16_t length = 0;
  uint32_t offset = 0;
};
Field read_field(ByteReader& r) {
  Field f;
  f.length = r.u16le();
  r.skip(2);  // the space set aside for it
  f.offset = r.u32le();
  return f;
}

/// The reader stands behind the fixed part, before which no field begins; it fails where the field is not there.
Bytes content(ByteReader& r, const Field& f) {
  ByteReader at = r;
  if (f.offset > at.position()) at.seek(f.offset);
  const Bytes bytes = at.bytes(f.length);
  if (!at.ok()) r.fail();
  return bytes;
}
std::optional<Name> name(ByteReader& r, const Field& f, uint32_t flags) {
  if (f.length == 0) return std::nullopt;
  return Name{content(r, f), (flags & kUnicode) != 0};
}

/// Section 2.2.1.1.
Message negotiate(ByteReader& r) {
  const uint32_t flags = r.u32le();
  const Field domain = read_field(r), workstation = read_field(r);
  if ((flags & kDomainSupplied) != 0) content(r, domain);
  if ((flags & kWorkstationSupplied) != 0) content(r, workstation);
  return Negotiate{};
}

/// Section 2.2.2.1: attributes up to the one that ends the list.
void read_attributes(ByteReader& r, Challenge& m) {
  enum Attribute : uint16_t { kEnd = 0, kNbComputerName = 1, kDnsComputerName = 3, kDnsTreeName = 5 };
  while (r.ok()) {
    const uint16_t id = r.u16le(), length = r.u16le();
    const Name value{r.bytes(length), true};
    if (!r.ok() || id == kEnd) return;
    if (id == kNbComputerName) m.nb_computer_name = value;
    if (id == kDnsComputerName) m.dns_computer_name = value;
    if (id == kDnsTreeName) m.dns_tree_name = value;
  }
}

/// Section 2.2.1.2.
Message challenge(ByteReader& r) {
  Challenge m;
  const Field target_name = read_field(r);
  const uint32_t flags = r.u32le();
  r.skip(8 + 8);
  const Field target_info = read_field(r);
  if ((flags & kRequestTarget) != 0) content(r, target_name);
  if ((flags & kTargetInfo) != 0 && r.ok()) {
    ByteReader attributes(r.whole());
    attributes.seek(r.position());
    if (target_info.offset > r.position()) attributes.seek(target_info.offset);
    read_attributes(attributes, m);
    if (!attributes.ok()) r.fail();
  }
  return m;
}

/// Section 2.2.1.3.
Message authenticate(ByteReader& r) {
  read_field(r);  // the LM response
  const Field nt_response = read_field(r), domain = read_field(r), user = read_field(r), workstation = read_field(r), key = read_field(r);
  const uint32_t flags = r.u32le();
  Authenticate m{name(r, domain, flags), name(r, user, flags), name(r, workstation, flags)};
  name(r, nt_response, flags);
  name(r, key, flags);
  return m;
}

}  // namespace

bool read_message(Bytes message, Message& out) {
  constexpr size_t kSignature = 8;
  out = {};
  ByteReader r(message);
  r.skip(kSignature);
  switch (r.u32le()) {
    case 1:
      out = negotiate(r);
      break;
    case 2:
      out = challenge(r);
      break;
    case 3:
      out = authenticate(r);
      break;
    default:
      break;
  }
  return r.ok();
}

}  // namespace sensor::ntlm
