// The data of resource records: how far each type is read and what of it goes into the answers column.
#include <algorithm>

#include "dpi/dns/dns.h"
#include "sensor/net/ip_address.h"

namespace sensor::dns {

namespace {
constexpr size_t kMaxAddressText = 46;

void append_number(std::string& out, uint64_t v) {
  out += std::to_string(v);
}

void append_address(std::string& out, Bytes address) {
  char text[kMaxAddressText];
  const char* end = IpAddress::from_bytes(address).write(text);
  out.append(text, static_cast<size_t>(end - text));
}

void append_hex(std::string& out, Bytes bytes) {
  constexpr char kDigits[] = "0123456789abcdef";
  for (const uint8_t b : bytes) {
    out += kDigits[b >> 4];
    out += kDigits[b & 15];
  }
}
}  // namespace

MessageReader::Rdata MessageReader::read_rdata(uint16_t type, uint16_t length) {
  switch (type) {
    case rr::kA:
      return a(length);
    case rr::kAaaa:
    case rr::kA6:
      return aaaa();
    case rr::kNs:
    case rr::kCname:
    case rr::kPtr:
      return name(0, length);
    case rr::kMx:
      return name(2, length);
    case rr::kSrv:
      return channel_.netbios_responder ? skip_rdata(length) : name(6, length);
    case rr::kSoa:
      return soa(length);
    case rr::kNaptr:
      return naptr(length);
    case rr::kTxt:
      return strings("TXT ", length);
    case rr::kSpf:
      return strings("SPF ", length);
    case rr::kOpt:
      return opt();
    case rr::kTsig:
      return tsig();
    case rr::kRrsig:
      return rrsig(length);
    case rr::kDnskey:
      return dnskey(length);
    case rr::kDs:
      return ds(length);
    case rr::kNsec:
      return nsec(length);
    case rr::kNsec3:
      return nsec3(length);
    case rr::kNsec3Param:
      return nsec3_param();
    case rr::kSshfp:
      return sshfp(length);
    case rr::kLoc:
      return loc();
    case rr::kBinds:
      return binds(length);
    case rr::kSvcb:
    case rr::kHttps:
      return svcb(length);
    case rr::kHinfo:
    case rr::kCaa:
    case rr::kTkey:
    case rr::kNbs:
      return skip_rdata(length);
    case rr::kWks:
      skip_rdata(length);
      return Rdata::Listed;  // seen, but without a text
    default:
      return unknown(type, length);
  }
}

MessageReader::Rdata MessageReader::skip_rdata(uint16_t length) {
  in_.skip(length);
  return Rdata::Skipped;
}

MessageReader::Rdata MessageReader::unknown(uint16_t type, uint16_t length) {
  text_ += "<unknown type=";
  append_number(text_, type);
  text_ += '>';
  weird_number("DNS_RR_unknown_type", type);
  in_.skip(length);
  return Rdata::Listed;
}

MessageReader::Rdata MessageReader::a(uint16_t length) {
  if (length != 4) {
    weird("DNS_RR_bad_length");
    return Rdata::Broken;
  }
  append_address(text_, in_.bytes(4));
  return Rdata::Listed;
}

// Takes 16 bytes whatever the length field says, and zeros where there are none (as Zeek does).
MessageReader::Rdata MessageReader::aaaa() {
  std::array<uint8_t, 16> address{};
  for (size_t word = 0; word < 4; word++) {
    if (in_.remaining() < 4) break;
    const Bytes four = in_.bytes(4);
    std::copy(four.begin(), four.end(), address.begin() + static_cast<ptrdiff_t>(4 * word));
  }
  append_address(text_, address);
  return Rdata::Listed;
}

void MessageReader::expect_consumed(size_t begin, uint16_t length) {
  if (in_.position() - begin != length) weird("DNS_RR_length_mismatch");
}

// A name behind numbers that are not logged (preference, priority, weight, port).
MessageReader::Rdata MessageReader::name(size_t prefix_bytes, uint16_t length) {
  const size_t begin = in_.position();
  for (size_t i = 0; i < prefix_bytes; i += 2) u16_or_zero();
  text_ += read_name(target_);
  expect_consumed(begin, length);
  return Rdata::Listed;
}

MessageReader::Rdata MessageReader::soa(uint16_t length) {
  constexpr size_t kNumbers = 5 * 4;
  const size_t begin = in_.position();
  text_ += read_name(target_);
  read_name(target_);
  if (in_.remaining() < kNumbers) return Rdata::Broken;
  in_.skip(kNumbers);
  expect_consumed(begin, length);
  return Rdata::Listed;
}

// RFC 1035 section 3.3: a length byte and as many bytes. `left` is what the record still has.
bool MessageReader::character_string(std::string_view& out, int& left) {
  if (left <= 0) return false;
  const uint8_t length = u8_or_zero();
  left--;
  if (length > left) {
    weird("DNS_TXT_char_str_past_rdlen");
    return false;
  }
  left -= length;
  out = as_chars(up_to(length));
  return true;
}

MessageReader::Rdata MessageReader::strings(std::string_view label, uint16_t length) {
  int left = length;
  for (std::string_view s; character_string(s, left);) {
    if (!text_.empty()) text_ += ' ';
    text_ += label;
    append_number(text_, s.size());
    text_ += ' ';
    text_ += s;
  }
  return left == 0 ? Rdata::Listed : Rdata::ListedBroken;
}

// RFC 3403 section 4.1.
MessageReader::Rdata MessageReader::naptr(uint16_t length) {
  const uint16_t order = u16_or_zero();
  const uint16_t preference = u16_or_zero();
  int left = int{length} - 4;
  if (in_.empty() || left <= 0) {
    violation_ = "DNS_NAPTR_too_short";
    return Rdata::Broken;
  }
  std::string_view flags, service, regexp;
  const bool have_flags = character_string(flags, left);
  const bool have_service = character_string(service, left);
  const bool have_regexp = character_string(regexp, left);
  const std::string_view replacement = read_name(target_, true);
  if (!have_flags || !have_service || !have_regexp) {
    violation_ = "DNS_NAPTR_RR_too_short";
    return Rdata::Broken;
  }
  text_ += "NAPTR ";
  append_number(text_, order);
  text_ += ' ';
  append_number(text_, preference);
  for (const std::string_view part : {flags, service, regexp}) {
    text_ += ' ';
    text_ += part;
  }
  if (!regexp.empty() && !replacement.empty()) text_ += ' ';
  text_ += replacement;
  return Rdata::Listed;
}

// RFC 6891. As an answer it is out of place; its options are read to the end of the message.
MessageReader::Rdata MessageReader::opt() {
  constexpr uint16_t kClientSubnet = 8, kTcpKeepalive = 11;
  while (in_.remaining() >= 4) {
    const uint16_t code = in_.u16();
    const uint16_t length = in_.u16();
    if (length > in_.remaining()) break;
    const ByteReader option = in_.sub(length);
    if (code == kClientSubnet) client_subnet(option);
    if (code == kTcpKeepalive && (length == 0 || length == 2) && channel_.udp) weird("EDNS_TCP_Keepalive_In_UDP");
  }
  if (in_.empty()) return Rdata::Skipped;
  weird("EDNS_truncated_option");
  return Rdata::Broken;
}

// RFC 7871 section 6: looked at for its anomalies only.
void MessageReader::client_subnet(ByteReader option) {
  constexpr uint16_t kIpv4 = 1, kIpv6 = 2;
  if (option.remaining() <= 4) return weird("EDNS_ECS_invalid_option_len");
  const uint16_t family = option.u16();
  const uint8_t source_bits = option.u8();
  option.skip(1);
  if (family != kIpv4 && family != kIpv6) return;
  const bool v4 = family == kIpv4;
  const size_t have_bits = option.remaining() * 8;
  if (source_bits > (v4 ? 32 : 128)) {
    weird(v4 ? "EDNS_ECS_invalid_addr_v4_prefix" : "EDNS_ECS_invalid_addr_v6_prefix", std::to_string(source_bits) + " bits");
  } else if (source_bits > have_bits) {
    weird(v4 ? "EDNS_ECS_invalid_addr_v4" : "EDNS_ECS_invalid_addr_v6",
          "need " + std::to_string(source_bits) + " bits, have " + std::to_string(have_bits) + " bits");
  }
}

// RFC 8945 section 4.2.
MessageReader::Rdata MessageReader::tsig() {
  read_name(target_);
  u32_or_zero();  // time signed: high 32 bits, then low 16
  u16_or_zero();
  u16_or_zero();  // fudge
  up_to(u16_or_zero());
  u16_or_zero();  // original id
  u16_or_zero();  // error
  up_to(u16_or_zero());
  return Rdata::Skipped;
}

MessageReader::Rdata MessageReader::sshfp(uint16_t length) {
  if (in_.remaining() < 2) return Rdata::Broken;
  in_.skip(2);
  text_ += "SSHFP: ";
  append_hex(text_, up_to(int64_t{length} - 2));
  return Rdata::Listed;
}

// RFC 1876 section 2. The two blanks are Zeek's.
MessageReader::Rdata MessageReader::loc() {
  if (in_.remaining() < 15) return Rdata::Broken;
  const uint8_t version = in_.u8();
  if (version != 0) weird_number("DNS_LOC_version_unrecognized", version);
  text_ += "LOC: ";
  for (int i = 0; i < 3; i++) {  // size, horizontal and vertical precision
    text_ += ' ';
    append_number(text_, in_.u8());
  }
  for (int i = 0; i < 3; i++) u32_or_zero();  // latitude, longitude, altitude
  return Rdata::Listed;
}

// BIND 9 reports the progress of signing a zone in a record of private type.
MessageReader::Rdata MessageReader::binds(uint16_t length) {
  if (in_.remaining() < 5) return Rdata::Broken;
  in_.skip(4);
  const Bytes complete = up_to(int64_t{length} - 4);
  if (complete.size() > 1) weird_number("DNS_BINDS_complete_flag_length", complete.size());
  text_ += "BIND9 signing signal";
  return Rdata::Listed;
}

// RFC 9460 section 2.2.
MessageReader::Rdata MessageReader::svcb(uint16_t length) {
  if (in_.remaining() < 3) {
    weird("DNS_SVBC_wrong_length");
    return Rdata::Broken;
  }
  const size_t begin = in_.position();
  in_.skip(2);
  read_name(target_);
  const size_t used = in_.position() - begin;
  if (used < length) in_.skip(length - used);
  return Rdata::Skipped;
}

}  // namespace sensor::dns
