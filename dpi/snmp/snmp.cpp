#include "dpi/snmp/snmp.h"

#include <algorithm>
#include <array>

#include "dpi/asn1/ber.h"

namespace sensor::snmp {
namespace {

namespace tag {
using asn1::kInteger, asn1::kOctetString, asn1::kNull, asn1::kSequence;
constexpr uint8_t kOid = asn1::kObjectIdentifier;
// RFC 3416 section 3.
constexpr uint8_t kIpAddress = 0x40, kCounter32 = 0x41, kUnsigned32 = 0x42, kTimeTicks = 0x43, kCounter64 = 0x46;
constexpr uint8_t kNoSuchObject = 0x80, kNoSuchInstance = 0x81, kEndOfMibView = 0x82;
}  // namespace tag

constexpr std::array<uint8_t, 8> kSysDescr0{0x2b, 6, 1, 2, 1, 1, 1, 0}, kSysUpTime0{0x2b, 6, 1, 2, 1, 1, 3, 0};

/// What it announces may reach beyond the datagram. Other than in ASN.1 a length that takes no byte is taken for 0.
asn1::Header begin(ByteReader& r) {
  if (r.peek(1) != 0x80) return asn1::read_header(r);
  const uint8_t tag = r.u8();
  r.skip(1);
  return {tag, 0};
}

/// What a constructed element is made of follows it; its length tells nothing new.
uint8_t enter(ByteReader& r, uint8_t tag) {
  const asn1::Header e = begin(r);
  if (e.tag != tag) r.fail();
  return e.tag;
}

Bytes content(ByteReader& r, const asn1::Header& e) {
  if (e.length > r.remaining()) r.fail();
  return r.ok() ? r.bytes(e.length) : Bytes{};
}

Bytes content(ByteReader& r, uint8_t tag) {
  const asn1::Header e = begin(r);
  if (e.tag != tag) r.fail();
  return content(r, e);
}

uint64_t number(Bytes b, Message& m) {
  if (b.size() > sizeof(uint64_t) && m.wide_integer == 0) m.wide_integer = b.size();
  return asn1::number(b);
}

uint64_t integer(ByteReader& r, Message& m) {
  return number(content(r, tag::kInteger), m);
}

/// Each number takes seven bits of a byte; all bytes but its last have the eighth set. One that is cut short does not count.
void check_arcs(Bytes oid, Message& m) {
  constexpr size_t kLongest = 10;
  size_t bytes = 0;
  size_t longest = 0;
  for (const uint8_t b : oid) {
    bytes++;
    if ((b & 0x80) != 0) continue;
    if (longest == 0 && bytes > kLongest) longest = bytes;
    bytes = 0;
  }
  if (bytes == 0 && longest != 0 && m.long_arc == 0) m.long_arc = longest;
}

bool is_unsigned(uint8_t t) {
  return t == tag::kCounter32 || t == tag::kUnsigned32 || t == tag::kTimeTicks || t == tag::kCounter64;
}

bool is_text(uint8_t t) {
  return !is_unsigned(t) && t != tag::kNull && t != tag::kNoSuchObject && t != tag::kNoSuchInstance && t != tag::kEndOfMibView &&
         t != tag::kOid && t != tag::kInteger && t != tag::kIpAddress;
}

/// Up to the end of the datagram.
void read_bindings(ByteReader& r, Message& m) {
  enter(r, tag::kSequence);
  while (!r.empty()) {
    enter(r, tag::kSequence);
    const Bytes name = content(r, tag::kOid);
    const asn1::Header value = begin(r);
    const Bytes bytes = content(r, value);
    if (!r.ok()) return;
    m.bindings++;
    check_arcs(name, m);
    if (value.tag == tag::kOid) check_arcs(bytes, m);
    const uint64_t n = value.tag == tag::kInteger || is_unsigned(value.tag) ? number(bytes, m) : 0;
    if (m.pdu != PduType::Response) continue;
    if (std::ranges::equal(name, kSysDescr0) && is_text(value.tag)) m.system_description = as_chars(bytes);
    if (std::ranges::equal(name, kSysUpTime0) && is_unsigned(value.tag)) m.up_hundredths = n;
  }
}

void read_trap_v1(ByteReader& r, Message& m) {
  check_arcs(content(r, tag::kOid), m);  // enterprise
  content(r, tag::kIpAddress);           // agent
  integer(r, m);                         // generic and specific trap
  integer(r, m);
  number(content(r, tag::kTimeTicks), m);
  read_bindings(r, m);
}

void read_pdu(ByteReader& r, Message& m) {
  const uint8_t type = enter(r, r.peek());
  if (type < static_cast<uint8_t>(PduType::GetRequest) || type > static_cast<uint8_t>(PduType::Report)) return;
  m.pdu = PduType{type};
  if (m.pdu == PduType::TrapV1) return read_trap_v1(r, m);
  integer(r, m);  // request; error status and index, or what to repeat and how often
  integer(r, m);
  integer(r, m);
  read_bindings(r, m);
}

/// RFC 3412 section 6. False: what follows cannot be read, or is not known.
bool read_v3_header(ByteReader& r, Message& m) {
  enter(r, tag::kSequence);
  integer(r, m);  // message, longest message
  integer(r, m);
  if (content(r, tag::kOctetString).size() != 1) r.fail();  // flags
  integer(r, m);                                            // security model
  content(r, tag::kOctetString);                            // security parameters
  if (begin(r).tag != tag::kSequence) return false;
  content(r, tag::kOctetString);  // engine and name of the context
  content(r, tag::kOctetString);
  return true;
}

}  // namespace

Parsed parse(Bytes datagram, Message& m, bool& header_read) {
  m = {};
  header_read = false;
  ByteReader r(datagram);
  enter(r, tag::kSequence);
  const uint64_t version = integer(r, m);
  if (!r.ok()) return Parsed::Malformed;
  bool readable = true;
  if (version == static_cast<uint64_t>(Version::V3)) {
    readable = read_v3_header(r, m);
  } else if (version <= static_cast<uint64_t>(Version::V2c)) {
    m.community = as_chars(content(r, tag::kOctetString));
  } else {
    header_read = true;
    return Parsed::UnknownVersion;
  }
  m.version = Version{static_cast<uint8_t>(version)};
  header_read = r.ok();
  if (readable) read_pdu(r, m);
  return r.ok() ? Parsed::Message : Parsed::Malformed;
}

bool looks_like_message(Bytes datagram) {
  ByteReader r(datagram);
  const asn1::Header whole = begin(r);
  if (whole.tag != tag::kSequence || whole.length != r.remaining() || r.peek() != tag::kInteger || r.peek(1) != 1) return false;
  Message m;
  bool header_read = false;
  return parse(datagram, m, header_read) == Parsed::Message && (m.pdu || m.version == Version::V3);
}

}  // namespace sensor::snmp
