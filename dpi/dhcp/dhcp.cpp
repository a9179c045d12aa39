#include "dpi/dhcp/dhcp.h"

#include <array>

#include "sensor/base/hex.h"

namespace sensor::dhcp {
namespace {

constexpr uint32_t kCookie = 0x63825363;  // RFC 2131 section 3
constexpr size_t kHardwareBytes = 16, kServerNameBytes = 64, kFileBytes = 128;

enum Option : uint8_t {
  kPad = 0,
  kHostName = 12,
  kDomainName = 15,
  kRequestedAddress = 50,
  kLeaseTime = 51,
  kMessageType = 53,
  kMessageText = 56,
  kClientIdentifier = 61,
  kClientFqdn = 81,  // RFC 4702
  kEnd = 255,
};

std::string_view without_trailing_zeros(std::string_view s) {
  return s.substr(0, s.find_last_not_of('\0') + 1);
}

/// An option whose value has not the size it must have says nothing.
void read_option(uint8_t code, ByteReader value, Message& m) {
  constexpr size_t kFqdnFlags = 3;
  const Bytes all = value.rest();
  switch (code) {
    case kHostName:
      m.host_name = as_chars(all);
      break;
    case kDomainName:
      m.domain_name = without_trailing_zeros(as_chars(all));
      break;
    case kRequestedAddress:
      if (all.size() == 4) m.requested = IpAddress::from_bytes(all);
      break;
    case kLeaseTime:
      if (all.size() == 4) m.lease_s = value.u32();
      break;
    case kMessageType:
      if (m.type == 0) m.type = value.u8();
      break;
    case kMessageText:
      m.text = as_chars(all);
      break;
    case kClientIdentifier:
      if (!all.empty()) m.client_id = ClientIdentifier{value.u8(), all.subspan(1)};
      break;
    case kClientFqdn:
      if (all.size() >= kFqdnFlags) m.client_fqdn = as_chars(all.subspan(kFqdnFlags));
      break;
    default:
      break;
  }
}

}  // namespace

Parsed parse(Bytes datagram, Message& m) {
  m = {};
  ByteReader r(datagram);
  r.skip(4);  // operation, kind and length of hardware addresses, hops
  m.transaction = r.u32();
  r.skip(2 + 2 + 4);  // seconds, flags, the client's address
  m.assigned = IpAddress::v4(r.u32());
  r.skip(4 + 4);  // next server, relay
  m.client_hardware = r.bytes(kHardwareBytes);
  r.skip(kServerNameBytes + kFileBytes);
  const uint32_t cookie = r.u32();
  if (!r.ok()) return Parsed::Malformed;
  if (cookie != kCookie) return Parsed::NoDhcp;
  for (uint8_t code = r.u8(); code != kEnd; code = r.u8()) {
    if (code == kPad && r.ok()) continue;
    const ByteReader value = r.sub(r.u8());
    if (!r.ok()) return Parsed::Malformed;
    read_option(code, value, m);
  }
  return Parsed::Message;
}

bool looks_like_message(Bytes datagram) {
  constexpr size_t kUntilCookie = 236;
  constexpr uint8_t kRequest = 1, kReply = 2;
  ByteReader r(datagram);
  const uint8_t operation = r.u8();
  r.skip(1);
  const uint8_t hardware_length = r.u8();
  r.seek(kUntilCookie);
  return (operation == kRequest || operation == kReply) && hardware_length <= kHardwareBytes && r.u32() == kCookie && r.ok();
}

std::string type_name(uint8_t type) {
  // RFC 2132 section 9.6, RFC 3203, RFC 4388, RFC 6926, RFC 7724.
  constexpr std::array<std::string_view, 19> kNames{"",
                                                    "DISCOVER",
                                                    "OFFER",
                                                    "REQUEST",
                                                    "DECLINE",
                                                    "ACK",
                                                    "NAK",
                                                    "RELEASE",
                                                    "INFORM",
                                                    "FORCERENEW",
                                                    "LEASEQUERY",
                                                    "LEASEUNASSIGNED",
                                                    "LEASEUNKNOWN",
                                                    "LEASEACTIVE",
                                                    "BULKLEASEQUERY",
                                                    "LEASEQUERYDONE",
                                                    "ACTIVELEASEQUERY",
                                                    "LEASEQUERYSTATUS",
                                                    "TLS"};
  if (type != 0 && type < kNames.size()) return std::string(kNames[type]);
  return "unknown-message-type-" + std::to_string(type);
}

std::string hardware_address(Bytes bytes) {
  constexpr size_t kEui48 = 6, kEui64 = 8;
  if (bytes.size() < kEui48) return {};
  const bool eui64 = bytes.size() >= kEui64 && (bytes[6] != 0 || bytes[7] != 0);
  return hex(bytes.first(eui64 ? kEui64 : kEui48), ':');
}

}  // namespace sensor::dhcp
