// Zeek's names for the numbers in DNS messages (IANA: DNS Parameters), and NetBIOS names.
#include <array>
#include <utility>

#include "dpi/dns/dns.h"

namespace sensor::dns {

namespace {
constexpr std::array<std::string_view, 110> kLowTypes = {
    "",      "A",      "NS",   "MD",  "MF",    "CNAME", "SOA",      "MB",    "MG",      "MR",         "NULL",     "WKS",    "PTR",
    "HINFO", "MINFO",  "MX",   "TXT", "RP",    "AFSDB", "X25",      "ISDN",  "RT",      "NSAP",       "NSAP-PTR", "SIG",    "KEY",
    "PX",    "GPOS",   "AAAA", "LOC", "NXT",   "EID",   "NIMLOC",   "SRV",   "ATMA",    "NAPTR",      "KX",       "CERT",   "A6",
    "DNAME", "SINK",   "OPT",  "APL", "DS",    "SSHFP", "IPSECKEY", "RRSIG", "NSEC",    "DNSKEY",     "DHCID",    "NSEC3",  "NSEC3PARAM",
    "TLSA",  "SMIMEA", "",     "HIP", "NINFO", "RKEY",  "TALINK",   "CDS",   "CDNSKEY", "OPENPGPKEY", "CSYNC",    "ZONEMD", "SVCB",
    "HTTPS", "",       "",     "",    "",      "",      "",         "",      "",        "",           "",         "",       "",
    "",      "",       "",     "",    "",      "",      "",         "",      "",        "",           "",         "",       "",
    "",      "",       "",     "",    "",      "",      "",         "",      "SPF",     "UINFO",      "UID",      "GID",    "UNSPEC",
    "NID",   "L32",    "L64",  "LP",  "EUI48", "EUI64",
};

constexpr std::pair<uint16_t, std::string_view> kHighTypes[] = {
    {249, "TKEY"}, {250, "TSIG"}, {251, "IXFR"},  {252, "AXFR"},   {253, "MAILB"},    {254, "MAILA"}, {255, "*"},           {256, "URI"},
    {257, "CAA"},  {32768, "TA"}, {32769, "DLV"}, {65281, "WINS"}, {65282, "WINS-R"}, {65422, "XPF"}, {65521, "INTEGRITY"},
};

constexpr std::array<std::string_view, 16> kRcodes = {
    "NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN",      "NOTIMP",        "REFUSED",       "YXDOMAIN",      "YXRRSET",
    "NXRRSet", "NOTAUTH", "NOTZONE",  "unassigned-11", "unassigned-12", "unassigned-13", "unassigned-14", "unassigned-15",
};

// Half a character in each letter, 'A' to 'P'. -1: not such a letter.
constexpr int nibble(char c) {
  if (c >= 'a' && c <= 'z') c = static_cast<char>(c - ('a' - 'A'));
  return c >= 'A' && c <= 'P' ? c - 'A' : -1;
}

constexpr bool is_name_char(uint8_t c) {
  return (c >= 0x20 && c < 0x7f) || c < 3;  // browsers announce themselves as \x01\x02__MSBROWSE__\x02
}
}  // namespace

std::string_view query_type_name(uint16_t type) {
  if (type < kLowTypes.size()) return kLowTypes[type];
  for (const auto& [number, name] : kHighTypes) {
    if (number == type) return name;
  }
  return {};
}

std::string_view class_name(uint16_t qclass) {
  switch (qclass) {
    case 1:
      return "C_INTERNET";
    case 2:
      return "C_CSNET";
    case 3:
      return "C_CHAOS";
    case 4:
      return "C_HESIOD";
    case 254:
      return "C_NONE";
    case 255:
      return "C_ANY";
    default:
      return {};
  }
}

std::string_view rcode_name(uint8_t rcode) {
  return kRcodes[rcode & 15];
}

std::string_view decode_netbios_name(std::string_view name, std::span<char, kNetbiosNameBytes> buffer) {
  if (name.size() != 2 * buffer.size()) return {};
  size_t length = 0;
  while (length < buffer.size()) {
    const int high = nibble(name[2 * length]);
    const int low = nibble(name[2 * length + 1]);
    if (high < 0 || low < 0) return {};
    const auto c = static_cast<uint8_t>(high << 4 | low);
    if (!is_name_char(c)) break;
    buffer[length++] = static_cast<char>(c);
  }
  if (length == buffer.size()) length--;  // the last one tells the kind of service
  while (length > 0 && (buffer[length - 1] == ' ' || buffer[length - 1] == 0)) length--;
  return {buffer.data(), length};
}

}  // namespace sensor::dns
