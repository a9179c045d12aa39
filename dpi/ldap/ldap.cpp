#include "dpi/ldap/ldap.h"

#include <algorithm>

#include "dpi/asn1/ber.h"

namespace sensor::ldap {
namespace {

using asn1::context;
using asn1::context_constructed;

/// As in Zeek, a question mark stands for each control character: diagnostics of Active Directory end with a zero.
std::string text(Bytes bytes) {
  std::string out(as_chars(bytes).substr(0, kMaxText));
  std::ranges::replace_if(
      out, [](unsigned char c) { return c < ' ' || c == 0x7f; }, '?');
  return out;
}
std::string text(ByteReader& r) {
  return text(asn1::read_element(r).content);
}
uint64_t number(ByteReader& r) {
  return asn1::number(asn1::read_element(r).content);
}

/// Elements in elements, as deep as Zeek reads them.
bool is_too_deep(Bytes elements, unsigned depth = 1) {
  if (depth > kMaxElementDepth) return true;
  ByteReader r(elements);
  while (!r.empty()) {
    const asn1::Element e = asn1::read_element(r);
    if ((e.tag == asn1::kSequence || e.tag == asn1::kSet) && is_too_deep(e.content, depth + 1)) return true;
  }
  return false;
}

Result read_result(ByteReader& r) {
  Result out;
  out.code = number(r);
  asn1::read_element(r);  // the entry that was found
  out.diagnostic = text(r);
  return out;
}

/// Section 4.2.
void read_bind(ByteReader& r, BindRequest& m) {
  constexpr uint8_t kContextClass = 0xc0, kContext = 0x80, kNumber = 0x1f;
  m.version = number(r);
  m.name = text(r);
  const asn1::Element choice = asn1::read_element(r);
  if ((choice.tag & kContextClass) != kContext) return r.fail();
  m.authentication = static_cast<Authentication>(choice.tag & kNumber);
  if (m.authentication == Authentication::Simple) m.has_password = !choice.content.empty();
  if (m.authentication != Authentication::Sasl) return;
  ByteReader credentials(choice.content);
  m.mechanism = text(credentials);
  if (!credentials.ok()) r.fail();
}

/// NegTokenResp (RFC 4178 section 4.2.2) that accepts Kerberos by the OID 1.2.840.48018.1.2.2 and has a token.
bool accepts_kerberos(Bytes credentials) {
  constexpr std::string_view kMicrosoftKerberos = "\x2a\x86\x48\x82\xf7\x12\x01\x02\x02";
  ByteReader r(credentials);
  ByteReader choice = asn1::enter(r, context_constructed(1));
  ByteReader fields = asn1::enter(choice, asn1::kSequence);
  bool accepted = false, kerberos = false, token = false;
  while (!fields.empty()) {
    const asn1::Element field = asn1::read_element(fields);
    ByteReader inside(field.content);
    const Bytes value = asn1::read_element(inside).content;
    if (field.tag == context_constructed(0)) accepted = asn1::number(value) == 0;
    if (field.tag == context_constructed(1)) kerberos = as_chars(value) == kMicrosoftKerberos;
    if (field.tag == context_constructed(2)) token = true;
  }
  return accepted && kerberos && token;
}

void read_bind_response(ByteReader& r, BindResponse& m) {
  m.result = read_result(r);
  while (r.ok() && !r.empty()) {
    const asn1::Element e = asn1::read_element(r);
    if (e.tag == context(7)) m.kerberos = accepts_kerberos(e.content);
  }
}

void read_search(ByteReader& r, SearchRequest& m) {
  m.base = text(r);
  m.scope = number(r);
  m.deref_aliases = number(r);
  for (int i = 0; i < 3; i++) asn1::read_element(r);  // limits, and whether types only are asked for
  m.filter = read_filter(r).substr(0, kMaxText);
  if (is_too_deep(r.rest())) r.fail();
}

/// Section 4.12.
void read_extended(ByteReader& r, ExtendedRequest& m) {
  constexpr uint8_t kContextClass = 0xc0, kContext = 0x80;
  const asn1::Element name = asn1::read_element(r);
  if ((name.tag & kContextClass) != kContext) r.fail();
  m.name = text(name.content);
}

bool read_body(Bytes bytes, Message& m) {
  ByteReader r(bytes);
  switch (m.operation) {
    case Operation::BindRequest:
      read_bind(r, m.body.emplace<BindRequest>());
      break;
    case Operation::BindResponse:
      read_bind_response(r, m.body.emplace<BindResponse>());
      break;
    case Operation::SearchRequest:
      read_search(r, m.body.emplace<SearchRequest>());
      break;
    case Operation::SearchEntry:
      asn1::read_element(r);
      break;
    case Operation::ExtendedRequest:
      read_extended(r, m.body.emplace<ExtendedRequest>());
      break;
    case Operation::ModifyRequest:
      m.body = Request{text(r)};
      break;
    case Operation::DeleteRequest:  // the name itself, without a tag of its own
      m.body = Request{text(bytes)};
      break;
    case Operation::AbandonRequest:  // the message's id, likewise
      m.body = Request{std::to_string(asn1::number(bytes))};
      break;
    case Operation::SearchDone:
    case Operation::ModifyResponse:
    case Operation::AddResponse:
    case Operation::DeleteResponse:
    case Operation::ModifyNameResponse:
    case Operation::CompareResponse:
    case Operation::ExtendedResponse:
      m.body = Response{read_result(r)};
      break;
    case Operation::UnbindRequest:
    case Operation::AddRequest:
    case Operation::ModifyNameRequest:
    case Operation::CompareRequest:
    case Operation::SearchReference:
    case Operation::Intermediate:
      break;
    default:
      return false;
  }
  return r.ok();
}

}  // namespace

bool read_message(Bytes bytes, Message& out) {
  constexpr uint8_t kApplicationClass = 0x40, kClass = 0xc0, kNumber = 0x1f;
  out = {};
  ByteReader r(bytes);
  ByteReader fields = asn1::enter(r, asn1::kSequence);
  const asn1::Element id = asn1::read_element(fields);
  const asn1::Element operation = asn1::read_element(fields);
  if (!fields.ok() || id.tag != asn1::kInteger || (operation.tag & kClass) != kApplicationClass) return false;
  out.id = static_cast<int64_t>(asn1::number(id.content));
  out.operation = static_cast<Operation>(operation.tag & kNumber);
  return read_body(operation.content, out);
}

}  // namespace sensor::ldap
