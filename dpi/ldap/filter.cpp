// Filters of searches as text (RFC 4511 section 4.5.1.7).
#include <algorithm>
#include <array>

#include "dpi/asn1/ber.h"
#include "dpi/ldap/ldap.h"

namespace sensor::ldap {
namespace {

using asn1::context;

/// Numbers of the context tags.
enum Filter : uint8_t {
  kAnd = 0,
  kOr = 1,
  kNot = 2,
  kEqual = 3,
  kSubstrings = 4,
  kGreaterOrEqual = 5,
  kLessOrEqual = 6,
  kPresent = 7,
  kApprox = 8,
  kExtensible = 9,
};

/// The length of the character that a text in UTF-8 begins with (RFC 3629 section 4); 0: none.
size_t character_length(Bytes text) {
  const uint8_t first = text[0];
  if (first < 0x80) return 1;
  const size_t length = first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
  if (length == 0 || length > text.size()) return 0;
  for (const uint8_t next : text.subspan(1, length - 1))
    if ((next & 0xc0) != 0x80) return 0;
  const uint8_t second = text[1];
  const bool overlong = (first == 0xe0 && second < 0xa0) || (first == 0xf0 && second < 0x90);
  const bool none = (first == 0xed && second >= 0xa0) || (first == 0xf4 && second >= 0x90);
  return overlong || none ? 0 : length;
}

/// As in Zeek, a replacement character stands for each byte that is not UTF-8.
std::string text(Bytes bytes) {
  constexpr std::string_view kReplacement = "\xef\xbf\xbd";
  std::string out;
  bytes = bytes.first(std::min(bytes.size(), kMaxText));
  while (!bytes.empty()) {
    const size_t length = character_length(bytes);
    out += length == 0 ? kReplacement : as_chars(bytes.first(length));
    bytes = bytes.subspan(std::max<size_t>(length, 1));
  }
  return out;
}

void append_hex(std::string& out, uint8_t byte) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  out += kDigits[byte >> 4];
  out += kDigits[byte & 15];
}

/// In the order of MS-DTYP section 2.3.4.
std::string guid(Bytes b) {
  constexpr std::array<size_t, 16> kOrder{3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15};
  if (b.size() != kOrder.size()) return "GUID_FORMAT_FAILED";
  std::string out;
  for (size_t i = 0; i < kOrder.size(); i++) {
    append_hex(out, b[kOrder[i]]);
    if (i == 3 || i == 5 || i == 7 || i == 9) out += '-';
  }
  return out;
}

std::string hex_pairs(Bytes b) {
  std::string out;
  for (const uint8_t byte : b.first(std::min(b.size(), kMaxText / 3))) {
    if (!out.empty()) out += ':';
    append_hex(out, byte);
  }
  return out;
}

/// MS-DTYP section 2.4.2.2, of four sub-authorities.
std::string sid(Bytes b) {
  constexpr size_t kLength = 24;
  if (b.size() != kLength) return "SID_FORMAT_FAILED";
  ByteReader r(b);
  std::string out = "S-" + std::to_string(r.u8());
  r.skip(1);
  out += '-' + std::to_string(r.u48());
  while (!r.empty()) out += '-' + std::to_string(r.u32le());
  return out;
}

std::string version(Bytes b) {
  if (b.size() != 4) return "HEX_FORMAT_FAILED";
  std::string out = "0x";
  for (const size_t i : {3, 2, 1, 0}) append_hex(out, b[i]);
  return out;
}

/// Attributes of pings to domain controllers have values that are not text (MS-ADTS section 6.3.3).
std::string value_text(std::string_view attribute, Bytes value) {
  if (attribute == "DomainGuid") return guid(value);
  if (attribute == "objectSid" || attribute == "AAC") return hex_pairs(value);
  if (attribute == "DomainSid") return sid(value);
  if (attribute == "NtVer") return version(value);
  return text(value);
}

std::string assertion(ByteReader r, std::string_view relation, bool& good) {
  const Bytes attribute = asn1::read_element(r).content, value = asn1::read_element(r).content;
  good = r.ok();
  return "(" + text(attribute) + std::string(relation) + value_text(as_chars(attribute), value) + ")";
}

std::string substrings(ByteReader r, bool& good) {
  const Bytes attribute = asn1::read_element(r).content;
  ByteReader parts = asn1::enter(r, asn1::kSequence);
  std::string initial, middle, last;
  while (!parts.empty()) {
    const asn1::Element part = asn1::read_element(parts);
    if (part.tag == context(0)) {
      initial = text(part.content);
    } else if (part.tag == context(1)) {
      if (middle.size() < kMaxText) middle += text(part.content) + '*';
    } else if (part.tag == context(2)) {
      last = text(part.content);
    } else {
      parts.fail();
    }
  }
  good = parts.ok();
  return "(" + text(attribute) + "=" + initial + "*" + middle + last + ")";
}

/// (attribute:rule:=value)
std::string extensible(ByteReader r, bool& good) {
  std::string rule, attribute, value;
  while (!r.empty()) {
    const asn1::Element part = asn1::read_element(r);
    if (part.tag == context(1)) rule = ':' + text(part.content);
    if (part.tag == context(2)) attribute = text(part.content);
    if (part.tag == context(3)) value = text(part.content);
  }
  good = r.ok();
  return "(" + attribute + rule + ":=" + value + ")";
}

/// Zeek puts every further condition around those before: (&(&(a)(b))(c)).
std::string combined(ByteReader r, char sign, unsigned depth, bool& good) {
  std::string out;
  size_t count = 0;
  while (r.ok() && !r.empty()) {
    const std::string condition = read_filter(r, depth + 1);
    if (out.size() > kMaxText) continue;
    out = count < 2 ? out + condition : "(" + std::string(1, sign) + out + ")" + condition;
    count++;
  }
  good = r.ok();
  return count == 0 ? "" : "(" + std::string(1, sign) + out + ")";
}

std::string negated(ByteReader r, unsigned depth, bool& good) {
  std::string out = "(!" + read_filter(r, depth + 1) + ")";
  good = r.ok();
  return out;
}

}  // namespace

std::string read_filter(ByteReader& r, unsigned depth) {
  constexpr uint8_t kClass = 0xc0, kContextClass = 0x80, kNumber = 0x1f;
  const asn1::Element e = asn1::read_element(r);
  if (!r.ok() || depth > kMaxFilterDepth || (e.tag & kClass) != kContextClass) {
    r.fail();
    return {};
  }
  const ByteReader content(e.content);
  bool good = true;
  std::string out;
  switch (e.tag & kNumber) {
    case kAnd:
      out = combined(content, '&', depth, good);
      break;
    case kOr:
      out = combined(content, '|', depth, good);
      break;
    case kNot:
      out = negated(content, depth, good);
      break;
    case kEqual:
      out = assertion(content, "=", good);
      break;
    case kSubstrings:
      out = substrings(content, good);
      break;
    case kGreaterOrEqual:
      out = assertion(content, ">=", good);
      break;
    case kLessOrEqual:
      out = assertion(content, "<=", good);
      break;
    case kPresent:
      out = "(" + text(e.content) + "=*)";
      break;
    case kApprox:
      out = assertion(content, "~=", good);
      break;
    case kExtensible:
      out = extensible(content, good);
      break;
    default:
      good = false;
  }
  if (!good) r.fail();
  return out;
}

}  // namespace sensor::ldap
