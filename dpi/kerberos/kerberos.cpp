#include "dpi/kerberos/kerberos.h"

#include <algorithm>
#include <chrono>

#include "dpi/asn1/ber.h"

namespace sensor::kerberos {
namespace {

using asn1::context_constructed;

/// Numbers of the messages, which are those of their application tags (RFC 4120 section 5.10).
enum Number : uint8_t {
  kAsReq = 10,
  kAsRep = 11,
  kTgsReq = 12,
  kTgsRep = 13,
  kApReq = 14,
  kApRep = 15,
  kSafe = 20,
  kPriv = 21,
  kCred = 22,
  kError = 30,
};
constexpr uint8_t kApplication = asn1::application(0);

std::string cut(std::string_view text) {
  return std::string(text.substr(0, kMaxText));
}
std::string text(ByteReader r) {
  return cut(as_chars(asn1::read_element(r).content));
}
/// The size of the first integer that is too wide is kept.
uint64_t number(ByteReader r, size_t& wide) {
  const Bytes content = asn1::read_element(r).content;
  if (content.size() > sizeof(uint64_t) && wide == 0) wide = content.size();
  return asn1::number(content);
}

/// Section 5.2.2: a type, and the parts of the name.
std::string principal(ByteReader r) {
  constexpr size_t kMaxParts = 3;
  ByteReader name = asn1::enter(r, asn1::kSequence);
  asn1::enter(name, context_constructed(0));
  ByteReader field = asn1::enter(name, context_constructed(1));
  ByteReader parts = asn1::enter(field, asn1::kSequence);
  std::string out;
  size_t count = 0;
  while (!parts.empty()) {
    if (count++ > 0) out += '/';
    out += as_chars(asn1::read_element(parts).content);
  }
  return count == 0 || count > kMaxParts ? "unknown" : cut(out);
}

/// Section 5.2.3: YYYYMMDDHHMMSSZ. None in another form.
std::optional<int64_t> time(ByteReader r) {
  constexpr size_t kLength = 15;
  const std::string_view t = as_chars(asn1::read_element(r).content);
  if (t.size() != kLength || !std::all_of(t.begin(), t.end() - 1, [](char c) { return c >= '0' && c <= '9'; })) return std::nullopt;
  const auto digits = [&](size_t at, size_t n) {
    int v = 0;
    for (const char c : t.substr(at, n)) v = v * 10 + (c - '0');
    return v;
  };
  using namespace std::chrono;
  const sys_days day =
      year{digits(0, 4)} / month{static_cast<unsigned>(digits(4, 2))} / std::chrono::day{static_cast<unsigned>(digits(6, 2))};
  return duration_cast<seconds>(day.time_since_epoch()).count() + digits(8, 2) * 3600 + digits(10, 2) * 60 + digits(12, 2);
}

/// SignedData in ContentInfo (RFC 5652 sections 3 and 5.1): the certificates in it; where it has none, what stands at their place.
std::optional<Bytes> certificates(ByteReader r) {
  ByteReader content_info = asn1::enter(r, asn1::kSequence);
  asn1::read_element(content_info);  // its type
  ByteReader field = asn1::enter(content_info, context_constructed(0));
  ByteReader signed_data = asn1::enter(field, asn1::kSequence);
  for (int i = 0; i < 3; i++) asn1::read_element(signed_data);  // version, digest algorithms, what is signed
  const Bytes content = asn1::read_element(signed_data).content;
  return signed_data.ok() ? std::optional(content) : std::nullopt;
}

/// PA-PK-AS-REQ and PA-PK-AS-REP (RFC 4556 sections 3.2.1 and 3.2.3) among the data of pre-authentication.
std::optional<Bytes> pkinit_certificates(ByteReader padata, bool is_request, size_t& wide) {
  constexpr uint64_t kPkAsReq = 16, kPkAsRep = 17;
  std::optional<Bytes> found;
  ByteReader elements = asn1::enter(padata, asn1::kSequence);
  while (!elements.empty()) {
    ByteReader element = asn1::enter(elements, asn1::kSequence);
    ByteReader type = asn1::enter(element, context_constructed(1)), value = asn1::enter(element, context_constructed(2));
    if (number(type, wide) != (is_request ? kPkAsReq : kPkAsRep)) continue;
    ByteReader octets = asn1::enter(value, asn1::kOctetString);
    ByteReader outer = is_request ? asn1::enter(octets, asn1::kSequence) : asn1::enter(octets, context_constructed(0));
    if (!is_request) outer = asn1::enter(outer, asn1::kSequence);
    ByteReader blob = ByteReader(asn1::read_element(outer).content);
    if (auto c = certificates(blob)) found = c;
  }
  return found;
}

/// Section 5.2.5: how many of the addresses have another length than their type (section 7.5.3).
size_t malformed_addresses(ByteReader r, size_t& wide) {
  constexpr uint64_t kIpv4 = 2, kIpv6 = 24;
  size_t count = 0;
  ByteReader addresses = asn1::enter(r, asn1::kSequence);
  while (!addresses.empty()) {
    ByteReader address = asn1::enter(addresses, asn1::kSequence);
    const uint64_t type = number(asn1::enter(address, context_constructed(0)), wide);
    ByteReader octets = asn1::enter(address, context_constructed(1));
    const size_t length = asn1::read_element(octets).content.size();
    if (!octets.ok()) break;
    if ((type == kIpv4 && length != 4) || (type == kIpv6 && length != 16)) count++;
  }
  return count;
}

void ciphers(ByteReader r, size_t& wide) {
  ByteReader list = asn1::enter(r, asn1::kSequence);
  while (!list.empty()) {
    number(list, wide);
    asn1::read_element(list);
  }
}

/// Section 5.4.1; the options are bits, counted from the first.
bool read_request_body(ByteReader r, Request& m, size_t& wide) {
  constexpr uint8_t kForwardable = 0x40, kRenewable = 0x80;
  ByteReader body = asn1::enter(r, asn1::kSequence);
  while (!body.empty()) {
    const asn1::Element field = asn1::read_element(body);
    const ByteReader value(field.content);
    if (field.tag == context_constructed(0)) {
      ByteReader options = value;
      ByteReader bits(asn1::read_element(options).content);
      bits.skip(1);
      m.forwardable = (bits.u8() & kForwardable) != 0;
      m.renewable = (bits.u8() & kRenewable) != 0;
      if (!bits.ok()) return false;
    }
    if (field.tag == context_constructed(1)) m.client = principal(value);
    if (field.tag == context_constructed(2)) m.realm = text(value);
    if (field.tag == context_constructed(3)) m.service = principal(value);
    if (field.tag == context_constructed(4)) m.from = time(value);
    if (field.tag == context_constructed(5)) m.till = time(value);
    if (field.tag == context_constructed(7)) number(value, wide);  // nonce
    if (field.tag == context_constructed(8)) ciphers(value, wide);
    if (field.tag == context_constructed(9)) m.malformed_addresses = malformed_addresses(value, wide);
  }
  return body.ok();
}

bool read_request(ByteReader& r, uint8_t type, Request& m, size_t& wide) {
  m.for_ticket_granting = type == kTgsReq;
  ByteReader fields = asn1::enter(r, asn1::kSequence);
  number(asn1::enter(fields, context_constructed(1)), wide);  // version
  number(asn1::enter(fields, context_constructed(2)), wide);  // type
  asn1::Element field = asn1::read_element(fields);
  if (field.tag == context_constructed(3)) {
    m.certificates = pkinit_certificates(ByteReader(field.content), true, wide);
    field = asn1::read_element(fields);
  }
  return fields.ok() && field.tag == context_constructed(4) && read_request_body(ByteReader(field.content), m, wide);
}

/// Section 5.3.
bool read_ticket(ByteReader r, Reply& m, size_t& wide) {
  ByteReader ticket = asn1::enter(r, asn1::application(1));
  ByteReader fields = asn1::enter(ticket, asn1::kSequence);
  number(asn1::enter(fields, context_constructed(0)), wide);  // version
  asn1::enter(fields, context_constructed(1));                // realm
  m.service = principal(asn1::enter(fields, context_constructed(2)));
  ByteReader encrypted = asn1::enter(fields, context_constructed(3));
  ByteReader parts = asn1::enter(encrypted, asn1::kSequence);
  m.cipher = number(asn1::enter(parts, context_constructed(0)), wide);
  return parts.ok();
}

bool read_reply(ByteReader& r, Reply& m, size_t& wide) {
  ByteReader fields = asn1::enter(r, asn1::kSequence);
  number(asn1::enter(fields, context_constructed(0)), wide);  // version
  number(asn1::enter(fields, context_constructed(1)), wide);  // type
  asn1::Element field = asn1::read_element(fields);
  if (field.tag == context_constructed(2)) {
    m.certificates = pkinit_certificates(ByteReader(field.content), false, wide);
    field = asn1::read_element(fields);
  }
  if (field.tag != context_constructed(3)) return false;
  m.realm = text(ByteReader(field.content));
  m.client = principal(asn1::enter(fields, context_constructed(4)));
  return read_ticket(asn1::enter(fields, context_constructed(5)), m, wide) && fields.ok();
}

bool read_error(ByteReader& r, Error& m, size_t& wide) {
  ByteReader fields = asn1::enter(r, asn1::kSequence);
  bool has_code = false;
  while (!fields.empty()) {
    const asn1::Element field = asn1::read_element(fields);
    const ByteReader value(field.content);
    // Version and type, microseconds of the client's and the server's time.
    for (const uint8_t i : {0, 1, 3, 5})
      if (field.tag == context_constructed(i)) number(value, wide);
    if (field.tag == context_constructed(6)) {
      m.code = number(value, wide);
      has_code = true;
    }
    if (field.tag == context_constructed(7)) m.client_realm = text(value);
    if (field.tag == context_constructed(8)) m.client = principal(value);
    if (field.tag == context_constructed(10)) m.service = principal(value);
    if (field.tag == context_constructed(11)) m.text = text(value);
  }
  return fields.ok() && has_code;
}

/// Others say nothing but that they are messages: version and type come first.
bool is_message(ByteReader& r) {
  ByteReader fields = asn1::enter(r, asn1::kSequence);
  asn1::enter(fields, context_constructed(0));
  asn1::enter(fields, context_constructed(1));
  return fields.ok();
}

}  // namespace

bool read_message(Bytes bytes, Message& out, size_t& wide_integer) {
  wide_integer = 0;
  ByteReader r(bytes);
  const asn1::Element message = asn1::read_element(r);
  if (!r.ok() || message.tag < kApplication) return false;
  const auto type = static_cast<uint8_t>(message.tag - kApplication);
  ByteReader body(message.content);
  switch (type) {
    case kAsReq:
    case kTgsReq:
      return read_request(body, type, out.emplace<Request>(), wide_integer);
    case kAsRep:
    case kTgsRep:
      return read_reply(body, out.emplace<Reply>(), wide_integer);
    case kError:
      return read_error(body, out.emplace<Error>(), wide_integer);
    case kApReq:
      out = ApRequest{};
      return is_message(body);
    case kApRep:
    case kSafe:
    case kPriv:
    case kCred:
      out = Other{};
      return is_message(body);
    default:
      return false;
  }
}

Match begins_with_message(Bytes bytes) {
  constexpr std::string_view kRequest = "\xa1\x03\x02\x01\x05\xa2\x03\x02\x01", kReply = "\xa0\x03\x02\x01\x05\xa1\x03\x02\x01";
  constexpr size_t kLongestHeaders = 2 * (1 + 1 + 4);
  if (bytes.empty()) return Match::Unsure;
  const uint8_t tag = bytes[0];
  const bool is_request = tag == asn1::application(kAsReq) || tag == asn1::application(kTgsReq);
  const bool is_reply = tag == asn1::application(kAsRep) || tag == asn1::application(kTgsRep) || tag == asn1::application(kError);
  if (!is_request && !is_reply) return Match::No;
  ByteReader r(bytes);
  asn1::read_header(r);
  const asn1::Header fields = asn1::read_header(r);
  if (!r.ok()) return bytes.size() < kLongestHeaders ? Match::Unsure : Match::No;
  const std::string_view begin = is_request ? kRequest : kReply;
  const std::string_view seen = as_chars(r.rest()).substr(0, begin.size());
  if (fields.tag != asn1::kSequence || seen != begin.substr(0, seen.size())) return Match::No;
  return seen.size() == begin.size() ? Match::Yes : Match::Unsure;
}

}  // namespace sensor::kerberos
