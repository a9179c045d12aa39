// Messages of RDP's connection sequence made by hand.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sensor::test {

inline std::string little_endian(uint64_t v, int bytes) {
  std::string out;
  for (int i = 0; i < bytes; i++) out += static_cast<char>(v >> 8 * i);
  return out;
}
inline std::string network_order(uint64_t v, int bytes) {
  const std::string s = little_endian(v, bytes);
  return {s.rbegin(), s.rend()};
}
/// RFC 1006, and the length byte of RFC 905 with what it counts.
inline std::string tpkt(std::string_view tpdu, int length = -1) {
  const auto counted = static_cast<char>(length >= 0 ? length : static_cast<int>(tpdu.size()));
  return std::string("\3\0", 2) + network_order(tpdu.size() + 5, 2) + counted + std::string(tpdu);
}
inline std::string rdp_connect_request(std::string_view cookie, bool negotiates = true) {
  std::string tpdu("\xe0\0\0\0\0\0", 6);
  if (!cookie.empty()) tpdu += "Cookie: mstshash=" + std::string(cookie) + "\r\n";
  if (negotiates) tpdu += std::string("\1\0\x08\0\3\0\0\0", 8);
  return tpkt(tpdu);
}
/// `type` 2: the protocol that the server chose, 3: why it refuses; 0: neither.
inline std::string rdp_connect_confirm(int type, uint32_t value) {
  std::string tpdu("\xd0\0\0\x12\x34\0", 6);
  if (type != 0) tpdu += static_cast<char>(type) + std::string("\0\x08\0", 3) + little_endian(value, 4);
  return tpkt(tpdu);
}
inline std::string rdp_block(uint16_t type, std::string_view data) {
  return little_endian(type, 2) + little_endian(data.size() + 4, 2) + std::string(data);
}
inline std::string utf16_field(std::string_view ascii, size_t bytes) {
  std::string out;
  for (const char c : ascii) out += std::string{c, '\0'};
  return out + std::string(bytes - out.size(), '\0');
}
inline std::string rdp_client_core(uint32_t keyboard, uint32_t build, std::string_view name, std::string_view product, uint16_t flags = 0) {
  return rdp_block(0xc001, little_endian(0x00080004, 4) + little_endian(1024, 2) + little_endian(768, 2) + std::string("\1\xca\3\xaa", 4) +
                               little_endian(keyboard, 4) + little_endian(build, 4) + utf16_field(name, 32) + std::string(12 + 64, '\0') +
                               std::string("\1\xca\1\0\0\0\0\0", 8) + little_endian(24, 2) + little_endian(7, 2) + little_endian(flags, 2) +
                               utf16_field(product, 64));
}
inline std::string rdp_client_network(const std::vector<std::string>& channels) {
  std::string data = little_endian(channels.size(), 4);
  for (const std::string& c : channels) data += c + std::string(8 - c.size(), '\0') + little_endian(0x80800000, 4);
  return rdp_block(0xc003, data);
}
/// BER with a length of two bytes.
inline std::string ber(std::string_view tag, std::string_view content) {
  return std::string(tag) + '\x82' + network_order(content.size(), 2) + std::string(content);
}
inline std::string rdp_mcs(std::string_view connect, std::string_view content) {
  return tpkt(std::string("\xf0\x80", 2) + ber(connect, content), 2);
}
inline std::string rdp_connect_initial(std::string_view blocks) {
  const std::string parameters("\x30\x03\x02\x01\x22", 5);
  const std::string conference = std::string("\0\5\0\x14\x7c\0\1", 7) + network_order(0x8000 | (blocks.size() + 14), 2) +
                                 std::string("\0\x08\0\x10\0\1\xc0\0", 8) + "Duca" + network_order(0x8000 | blocks.size(), 2) +
                                 std::string(blocks);
  return rdp_mcs("\x7f\x65", std::string("\4\1\1\4\1\1\1\1\xff", 9) + parameters + parameters + parameters + ber("\4", conference));
}
inline std::string rdp_connect_response(std::string_view blocks, uint8_t result = 0) {
  const std::string parameters("\x30\x03\x02\x01\x22", 5);
  const std::string conference = std::string("\0\5\0\x14\x7c\0\1\x2a\x14\x76\x0a\1\1", 13) + static_cast<char>(result) +
                                 std::string("\1\xc0\0", 3) + "McDn" + network_order(0x8000 | blocks.size(), 2) + std::string(blocks);
  return rdp_mcs("\x7f\x66", std::string("\x0a\1\0\2\1\0", 6) + parameters + ber("\4", conference));
}
inline std::string rdp_server_security(uint32_t method, uint32_t level, std::string_view certificate) {
  return rdp_block(0x0c02, little_endian(method, 4) + little_endian(level, 4) + little_endian(32, 4) +
                               little_endian(certificate.size(), 4) + std::string(32, 'r') + std::string(certificate));
}
inline std::string rdp_own_certificate() {
  const std::string key = "RSA1" + little_endian(72, 4) + little_endian(512, 4) + little_endian(65537, 4) + std::string(72, 'k');
  return little_endian(1, 4) + little_endian(1, 4) + little_endian(1, 4) + little_endian(6, 2) + little_endian(key.size(), 2) + key +
         little_endian(8, 2) + little_endian(72, 2) + std::string(72, 's');
}
inline std::string rdp_x509_certificates(const std::vector<std::string>& chain) {
  std::string out = little_endian(0x80000002, 4) + little_endian(chain.size(), 4);
  for (const std::string& der : chain) out += little_endian(der.size(), 4) + der;
  return out;
}

}  // namespace sensor::test
