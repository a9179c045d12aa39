// Messages of SSH made by hand.
#pragma once

#include <string>
#include <string_view>

#include "dpi/ssh/ssh.h"

namespace sensor::test {

inline std::string big_endian(uint64_t v, int bytes) {
  std::string out;
  for (int i = bytes - 1; i >= 0; i--) out += static_cast<char>(v >> 8 * i);
  return out;
}
/// RFC 4251 section 5.
inline std::string ssh_string(std::string_view s) {
  return big_endian(s.size(), 4) + std::string(s);
}
/// RFC 4253 section 6, with four bytes of padding.
inline std::string ssh_packet(uint8_t type, std::string_view data) {
  return big_endian(data.size() + 6, 4) + '\4' + static_cast<char>(type) + std::string(data) + std::string(4, '\0');
}
inline std::string ssh_kexinit(const ssh::Kexinit& k) {
  std::string data(16, 'c');
  data += ssh_string(k.kex) + ssh_string(k.host_key);
  for (const ssh::Kexinit::Pair* pair : {&k.cipher, &k.mac, &k.compression, &k.languages}) {
    for (const std::string& list : *pair) data += ssh_string(list);
  }
  return ssh_packet(20, data + std::string(5, '\0'));
}
/// An offer whose lists are the same in both directions.
inline ssh::Kexinit ssh_offer(std::string_view kex, std::string_view host_key = "ssh-ed25519", std::string_view compression = "none",
                              std::string_view cipher = "aes128-ctr", std::string_view mac = "hmac-sha2-256") {
  const auto both = [](std::string_view s) { return ssh::Kexinit::Pair{std::string(s), std::string(s)}; };
  return {std::string(kex), std::string(host_key), both(cipher), both(mac), both(compression), {}};
}
inline std::string ssh_new_keys() {
  return ssh_packet(21, {});
}
/// The server's half of a key exchange over a curve (RFC 5656 section 4).
inline std::string ssh_ecdh_reply(std::string_view host_key) {
  return ssh_packet(31, ssh_string(host_key) + ssh_string("point") + ssh_string("signature"));
}
inline std::string ssh_ecdh_init() {
  return ssh_packet(30, ssh_string("point"));
}
/// draft-ylonen-ssh-protocol-00, "The Binary Packet Protocol".
inline std::string ssh1_packet(uint8_t type, std::string_view data) {
  const size_t length = data.size() + 5;
  return big_endian(length, 4) + std::string(8 - length % 8, '\0') + static_cast<char>(type) + std::string(data) + "sum!";
}
inline std::string ssh1_number(std::string_view bytes) {
  return big_endian(bytes.size() * 8, 2) + std::string(bytes);
}
inline std::string ssh1_public_key(std::string_view exponent, std::string_view modulus) {
  return ssh1_packet(2, std::string(12, 'c') + ssh1_number("e") + ssh1_number("nn") + std::string(4, 'b') + ssh1_number(exponent) +
                            ssh1_number(modulus) + std::string(12, 'f'));
}

}  // namespace sensor::test
