// Messages of LDAP made by hand (RFC 4511).
#pragma once

#include <string>
#include <string_view>

#include "der.h"

namespace sensor::test {

inline std::string ldap_message(uint8_t id, uint8_t operation, std::string_view content) {
  return der_sequence({der_integer(id), der(asn1::application(operation), content)});
}
inline std::string ldap_number(uint8_t n) {
  return der(asn1::kEnumerated, std::string(1, static_cast<char>(n)));
}
inline std::string ldap_result(uint8_t code, std::string_view diagnostic = {}) {
  return ldap_number(code) + der_octets({}) + der_octets(diagnostic);
}
inline std::string ldap_bind(uint8_t id, std::string_view name, std::string_view password) {
  return ldap_message(id, 0, der_integer(3) + der_octets(name) + der(asn1::context(0), password));
}
inline std::string ldap_sasl_bind(uint8_t id, std::string_view mechanism, std::string_view credentials = "token") {
  return ldap_message(id, 0, der_integer(3) + der_octets({}) + der_field(3, der_octets(mechanism) + der_octets(credentials)));
}
inline std::string ldap_bound(uint8_t id, uint8_t code, std::string_view more = {}) {
  return ldap_message(id, 1, ldap_result(code) + std::string(more));
}
inline std::string ldap_search(uint8_t id, std::string_view base, std::string_view filter) {
  return ldap_message(id, 3,
                      der_octets(base) + ldap_number(2) + ldap_number(0) + der_integer(0) + der_integer(0) + der(asn1::kBoolean, "\xff") +
                          std::string(filter) + der_sequence({der_octets("cn")}));
}
inline std::string ldap_assertion(uint8_t number, std::string_view attribute, std::string_view value) {
  return der_field(number, der_octets(attribute) + der_octets(value));
}
inline std::string ldap_present(std::string_view attribute) {
  return der(asn1::context(7), attribute);
}
inline std::string ldap_entry(uint8_t id) {
  return ldap_message(id, 4, der_octets("cn=a") + der_sequence({}));
}
inline std::string ldap_start_tls(uint8_t id) {
  return ldap_message(id, 23, der(asn1::context(0), "1.3.6.1.4.1.1466.20037"));
}

}  // namespace sensor::test
