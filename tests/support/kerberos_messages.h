// Messages of Kerberos made by hand (RFC 4120).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "der.h"

namespace sensor::test {

inline std::string krb_string(std::string_view s) {
  return der(asn1::kGeneralString, s);
}
inline std::string krb_name(const std::vector<std::string>& parts) {
  std::string all;
  for (const std::string& p : parts) all += krb_string(p);
  return der_sequence({der_field(0, der_integer(1)), der_field(1, der(asn1::kSequence, all))});
}
inline std::string krb_time(std::string_view t) {
  return der(asn1::kGeneralizedTime, t);
}
inline std::string krb_message(uint8_t type, std::string_view fields) {
  return der(asn1::application(type), der(asn1::kSequence, fields));
}
inline std::string krb_padata(uint8_t type, std::string_view value) {
  return der_sequence({der_field(1, der_integer(type)), der_field(2, der_octets(value))});
}
/// Type 10 or 12; `padata` is a sequence's content.
inline std::string krb_request(uint8_t type, std::string_view body, std::string_view padata = {}) {
  std::string fields = der_field(1, der_integer(5)) + der_field(2, der_integer(type));
  if (!padata.empty()) fields += der_field(3, der(asn1::kSequence, padata));
  return krb_message(type, fields + der_field(4, der(asn1::kSequence, body)));
}
inline std::string krb_request_body() {
  return der_field(0, der(0x03, std::string("\0\x40\x80\0\0", 5))) + der_field(1, krb_name({"alice"})) +
         der_field(2, krb_string("EXAMPLE.COM")) + der_field(3, krb_name({"krbtgt", "EXAMPLE.COM"})) +
         der_field(5, krb_time("20260102030405Z")) + der_field(7, der_integer(9));
}
inline std::string krb_address(uint8_t type, std::string_view octets) {
  return der_sequence({der_field(0, der_integer(type)), der_field(1, der_octets(octets))});
}
/// The field of a request's body.
inline std::string krb_addresses(std::string_view addresses) {
  return der_field(9, der(asn1::kSequence, addresses));
}
inline std::string krb_ticket(const std::vector<std::string>& service, uint8_t cipher) {
  const std::string encrypted =
      der_sequence({der_field(0, der_integer(cipher)), der_field(1, der_integer(1)), der_field(2, der_octets("secret"))});
  return der(asn1::application(1), der_sequence({der_field(0, der_integer(5)), der_field(1, krb_string("EXAMPLE.COM")),
                                                 der_field(2, krb_name(service)), der_field(3, encrypted)}));
}
/// Type 11 or 13.
inline std::string krb_reply(uint8_t type, uint8_t cipher = 18, std::string_view padata = {}) {
  std::string fields = der_field(0, der_integer(5)) + der_field(1, der_integer(type));
  if (!padata.empty()) fields += der_field(2, der(asn1::kSequence, padata));
  fields += der_field(3, krb_string("EXAMPLE.COM")) + der_field(4, krb_name({"alice"})) +
            der_field(5, krb_ticket({"host", "srv.example.com"}, cipher)) + der_field(6, der_sequence({der_field(0, der_integer(cipher))}));
  return krb_message(type, fields);
}
inline std::string krb_error(uint8_t code, std::string_view text = {}) {
  std::string fields = der_field(0, der_integer(5)) + der_field(1, der_integer(30)) + der_field(4, krb_time("20260102030405Z")) +
                       der_field(5, der_integer(7)) + der_field(6, der_integer(code)) + der_field(9, krb_string("EXAMPLE.COM")) +
                       der_field(10, krb_name({"krbtgt", "EXAMPLE.COM"}));
  if (!text.empty()) fields += der_field(11, krb_string(text));
  return krb_message(30, fields);
}
inline std::string krb_ap_request() {
  return krb_message(14, der_field(0, der_integer(5)) + der_field(1, der_integer(14)) + der_field(2, der(0x03, std::string(5, '\0'))) +
                             der_field(3, krb_ticket({"cifs", "srv"}, 23)));
}
/// ContentInfo with SignedData that carries these certificates.
inline std::string krb_signed_data(std::string_view certificates) {
  const std::string oid = der(asn1::kObjectIdentifier, "\x2a\x86\x48");
  const std::string signed_data = der_sequence({der_integer(3), der(asn1::kSet, {}), der_sequence({oid}), der_field(0, certificates)});
  return der_sequence({oid, der_field(0, signed_data)});
}
inline std::string krb_pkinit_request(std::string_view certificates) {
  return krb_padata(16, der_sequence({der(asn1::context(0), krb_signed_data(certificates))}));
}
inline std::string krb_pkinit_reply(std::string_view certificates) {
  return krb_padata(17, der_field(0, der_sequence({der(asn1::context(0), krb_signed_data(certificates))})));
}

}  // namespace sensor::test
