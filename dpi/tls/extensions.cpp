#include "dpi/tls/extensions.h"

namespace sensor::tls {
namespace {

enum Extension : uint16_t {
  kServerName = kServerNameType,
  kSupportedGroups = 10,
  kEcPointFormats = 11,
  kSignatureAlgorithms = 13,
  kAlpn = kAlpnType,
  kSignedCertificateTimestamp = 18,
  kSessionTicket = 35,
  kKeyShareOld = 40,  // drafts of TLS 1.3
  kPreSharedKey = 41,
  kSupportedVersions = 43,
  kPskKeyExchangeModes = 45,
  kKeyShare = 51,
  kConnectionId = 54,
};

/// A vector with a two-byte length; what follows it in the extension is left alone.
ByteReader list16(ByteReader& r) {
  return r.sub(r.u16());
}

bool server_name(ByteReader r, Extensions& out) {
  ByteReader list = list16(r);
  std::vector<std::string_view> names;
  while (!list.empty()) {
    const uint8_t type = list.u8();
    if (type == 0) {
      names.push_back(list.chars(list.u16()));
    } else {
      // Nothing says where a name of an unknown type ends.
      out.unknown_server_name_type = type;
      list.skip(list.remaining());
    }
  }
  if (!list.ok()) return false;
  out.server_names = std::move(names);
  return true;
}

bool alpn(ByteReader r, Extensions& out) {
  ByteReader list = list16(r);
  std::vector<std::string_view> names;
  while (!list.empty()) names.push_back(list.chars(list.u8()));
  if (!list.ok()) return false;
  out.alpn = std::move(names);
  return true;
}

bool key_share(ByteReader r, Hello hello, Extensions& out) {
  if (hello == Hello::Client) {
    ByteReader list = list16(r);
    while (!list.empty()) {
      list.skip(2);
      list.skip(list.u16());
    }
    return list.ok();
  }
  const bool retry_request = r.remaining() == 2;
  const uint16_t group = r.u16();
  if (!retry_request) r.skip(r.u16());
  if (r.ok()) out.selected_group = group;
  return r.ok();
}

bool supported_versions(ByteReader r, Hello hello, Extensions& out) {
  if (hello == Hello::Client) {
    const uint8_t length = r.u8();
    out.supported_versions = r.bytes(length);
    return r.ok() && length % 2 == 0;
  }
  const uint16_t v = r.u16();
  if (r.ok()) out.selected_version = v;
  return r.ok();
}

bool pre_shared_key(ByteReader r, Hello hello) {
  if (hello == Hello::Server) {
    r.skip(2);
    return r.ok();
  }
  ByteReader identities = list16(r);
  while (!identities.empty()) {
    identities.skip(identities.u16());
    identities.skip(4);
  }
  ByteReader binders = list16(r);
  while (!binders.empty()) binders.skip(binders.u8());
  return identities.ok() && binders.ok();
}

/// RFC 6962 section 3.3.
bool signed_certificate_timestamps(ByteReader r) {
  ByteReader list = list16(r);
  while (!list.empty()) {
    ByteReader sct = list16(list);
    sct.skip(1 + 32 + 8);  // version, log id, timestamp
    sct.skip(sct.u16());   // extensions
    sct.skip(2);           // algorithm
    sct.skip(sct.u16());   // signature
    if (!sct.ok()) return false;
  }
  return list.ok();
}

bool counted_bytes(ByteReader r) {
  r.skip(r.u8());
  return r.ok();
}

bool point_formats(ByteReader r, Extensions& out) {
  out.point_formats = r.bytes(r.u8());
  return r.ok();
}

/// An odd length of the groups is passed over, as Zeek does.
bool groups(ByteReader r, Extensions& out) {
  out.groups = r.bytes(r.u16() / 2 * 2);
  return r.ok();
}

bool signature_algorithms(ByteReader r, Extensions& out) {
  const uint16_t length = r.u16();
  out.signature_algorithms = r.bytes(length);
  return r.ok() && length % 2 == 0;
}

bool parse_extension(uint16_t type, ByteReader r, Hello hello, Extensions& out) {
  if (r.empty()) return true;
  switch (type) {
    case kServerName:
      return server_name(r, out);
    case kAlpn:
      return alpn(r, out);
    case kSupportedGroups:
      return groups(r, out);
    case kEcPointFormats:
      return point_formats(r, out);
    case kPskKeyExchangeModes:
    case kConnectionId:
      return counted_bytes(r);
    case kSignatureAlgorithms:
      return signature_algorithms(r, out);
    case kSignedCertificateTimestamp:
      return signed_certificate_timestamps(r);
    case kKeyShareOld:
    case kKeyShare:
      return key_share(r, hello, out);
    case kSupportedVersions:
      return supported_versions(r, hello, out);
    case kPreSharedKey:
      return pre_shared_key(r, hello);
    case kSessionTicket:
      out.session_ticket = true;
      return true;
    default:
      return true;
  }
}

}  // namespace

bool parse_extensions(ByteReader& r, Hello hello, Extensions& out) {
  constexpr size_t kUsual = 16;
  out.types.reserve(kUsual);
  while (!r.empty()) {
    const uint16_t type = r.u16();
    const ByteReader data = r.sub(r.u16());
    if (!data.ok() || !r.ok() || !parse_extension(type, data, hello, out)) return false;
    out.count++;
    out.types.push_back(type);
    if (type == kPreSharedKey) out.pre_shared_key = true;
  }
  return r.ok();
}

}  // namespace sensor::tls
