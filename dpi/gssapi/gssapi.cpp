#include "dpi/gssapi/gssapi.h"

#include <string_view>

#include "dpi/asn1/ber.h"

namespace sensor::gssapi {
namespace {

/// Fields that the two messages have at the same place.
constexpr uint8_t kInnerToken = asn1::context_constructed(2), kLastField = asn1::context_constructed(3);

/// False: malformed.
bool read_inner(Bytes field, Token& out) {
  constexpr std::string_view kNtlm = "NTLMSSP";
  constexpr size_t kTokenId = 2;
  ByteReader r(field);
  const Bytes inner = asn1::read_element(r).content;
  if (as_chars(inner).starts_with(kNtlm)) {
    out.mechanism = Mechanism::Ntlm;
    out.inner = inner;
  } else if (!inner.empty() && inner[0] == asn1::application(0)) {
    r = ByteReader(inner);
    asn1::read_header(r);
    asn1::read_element(r);  // the mechanism
    r.skip(kTokenId);
    if (r.ok()) out.mechanism = Mechanism::Kerberos;
    out.inner = r.rest();
  }
  return r.ok();
}

/// NegTokenInit and NegTokenInit2 (RFC 4178 section 4.2.1, MS-SPNG section 2.2.1), NegTokenResp (RFC 4178 section 4.2.2).
bool read_fields(ByteReader& r, bool is_init, Token& out) {
  constexpr uint8_t kFirstField = asn1::context_constructed(0);
  asn1::read_header(r);  // SEQUENCE
  while (r.ok() && !r.empty()) {
    const asn1::Element field = asn1::read_element(r);
    if (!r.ok() || field.tag < kFirstField || field.tag > kLastField) return false;
    if (field.tag == kInnerToken) {
      if (!read_inner(field.content, out)) return false;
      continue;
    }
    ByteReader inside(field.content);
    const asn1::Element value = asn1::read_element(inside);
    if (!inside.ok()) return false;
    if (field.tag == kFirstField && !is_init) out.result = asn1::number(value.content);
  }
  return r.ok();
}

}  // namespace

bool read_token(Bytes bytes, Token& out) {
  constexpr uint16_t kMic = 0x0404, kWrap = 0x0504;
  out = {};
  ByteReader r(bytes);
  if (bytes.size() >= 2) {
    const auto id = static_cast<uint16_t>(bytes[0] << 8 | bytes[1]);
    if (id == kMic || id == kWrap) return true;
  }
  const bool is_init = asn1::read_header(r).tag == asn1::application(0);
  if (is_init) {
    asn1::read_element(r);  // the mechanism: SPNEGO
    asn1::read_header(r);   // [0] negTokenInit
  }
  return read_fields(r, is_init, out);
}

}  // namespace sensor::gssapi
