// GSSAPI tokens and NTLM messages made by hand.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "der.h"
#include "smb_messages.h"

namespace sensor::test {

inline const std::string kSpnego = der(asn1::kObjectIdentifier, "\x2b\x06\x01\x05\x05\x02");
/// RFC 4178 section 4.2.1.
inline std::string spnego_init(std::string_view inner) {
  const std::string mechanisms = der_sequence({der(asn1::kObjectIdentifier, "\x2b\x06\x01\x04\x01\x82\x37\x02\x02\x0a")});
  std::string fields = der_field(0, mechanisms);
  if (!inner.empty()) fields += der_field(2, der_octets(inner));
  return der(asn1::application(0), kSpnego + der_field(0, der(asn1::kSequence, fields)));
}
/// RFC 4178 section 4.2.2; a state of -1 is left out.
inline std::string spnego_answer(int state, std::string_view inner = {}) {
  std::string fields;
  if (state >= 0) fields += der_field(0, der(asn1::kEnumerated, std::string(1, static_cast<char>(state))));
  if (!inner.empty()) fields += der_field(2, der_octets(inner));
  return der_field(1, der(asn1::kSequence, fields));
}

/// Where in the message a content lies (MS-NLMP section 2.2.1).
inline std::string ntlm_field(size_t length, size_t offset) {
  return little_endian(length, 2) + little_endian(length, 2) + little_endian(offset, 4);
}
inline std::string ntlm_head(uint32_t type) {
  return "NTLMSSP" + zeros(1) + little_endian(type, 4);
}
inline std::string ntlm_negotiate() {
  return ntlm_head(1) + little_endian(0xe2088297, 4) + zeros(16);
}
inline std::string ntlm_attribute(uint16_t id, std::string_view value) {
  return little_endian(id, 2) + little_endian(value.size(), 2) + std::string(value);
}
/// With these attributes and the one that ends them.
inline std::string ntlm_challenge(std::string attributes) {
  constexpr size_t kFixed = 48;
  const std::string target = utf16("TARGET");
  attributes += ntlm_attribute(0, {});
  return ntlm_head(2) + ntlm_field(target.size(), kFixed) + little_endian(0x00800005, 4) + zeros(16) +
         ntlm_field(attributes.size(), kFixed + target.size()) + target + attributes;
}
inline std::string ntlm_challenge() {
  return ntlm_challenge(ntlm_attribute(1, utf16("SRV")) + ntlm_attribute(3, utf16("srv.example.com")) +
                        ntlm_attribute(5, utf16("example.com")));
}
/// Names as they lie in the message.
inline std::string ntlm_authenticate(std::string_view domain, std::string_view user, std::string_view workstation, uint32_t flags = 1) {
  std::string fields, payload;
  const std::string response(24, 'r'), key(16, 'k');
  for (const std::string_view content : std::vector<std::string_view>{response, response, domain, user, workstation, key}) {
    fields += ntlm_field(content.size(), 64 + payload.size());
    payload += content;
  }
  return ntlm_head(3) + fields + little_endian(flags, 4) + payload;
}

}  // namespace sensor::test
