// Messages of SMB made by hand.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace sensor::test {

inline std::string little_endian(uint64_t v, int bytes) {
  std::string out;
  for (int i = 0; i < bytes; i++) out += static_cast<char>(v >> 8 * i);
  return out;
}
/// ASCII as UTF-16.
inline std::string utf16(std::string_view s) {
  std::string out;
  for (const char c : s) out += std::string(1, c) + '\0';
  return out;
}
inline std::string zeros(size_t n) {
  return std::string(n, '\0');
}
/// RFC 1002 section 4.3.1.
inline std::string smb_frame(std::string_view message, char type = 0) {
  const size_t n = message.size();
  return std::string{type, static_cast<char>(n >> 16), static_cast<char>(n >> 8), static_cast<char>(n)} + std::string(message);
}

/// MS-SMB2 section 2.2.1.
struct Smb2Head {
  uint16_t command = 0;
  uint64_t message_id = 1;
  uint32_t tree_id = 0;
  uint32_t status = 0;
};
inline std::string smb2_message(const Smb2Head& h, std::string_view body, uint32_t next = 0) {
  return "\xfeSMB" + little_endian(64, 2) + zeros(2) + little_endian(h.status, 4) + little_endian(h.command, 2) + zeros(6) +
         little_endian(next, 4) + little_endian(h.message_id, 8) + zeros(4) + little_endian(h.tree_id, 4) + zeros(24) + std::string(body);
}
/// Messages of one frame, each at a multiple of eight.
inline std::string smb2_compound(const Smb2Head& h1, std::string body1, const Smb2Head& h2, std::string_view body2) {
  body1 += zeros((8 - body1.size() % 8) % 8);
  return smb2_message(h1, body1, static_cast<uint32_t>(64 + body1.size())) + smb2_message(h2, body2);
}
inline std::string smb2_file(uint64_t id) {
  return little_endian(id, 8) + little_endian(id + 1, 8);
}
inline std::string smb2_session_setup(std::string_view token) {
  return zeros(12) + little_endian(64 + 24, 2) + little_endian(token.size(), 2) + zeros(8) + std::string(token);
}
inline std::string smb2_tree_connect(std::string_view path) {
  return zeros(4) + little_endian(64 + 8, 2) + little_endian(path.size() * 2, 2) + utf16(path);
}
inline std::string smb2_tree_connected(uint8_t share_type) {
  return zeros(2) + little_endian(share_type, 1) + zeros(13);
}
inline std::string smb2_create(std::string_view name, uint32_t options = 0) {
  return zeros(40) + little_endian(options, 4) + little_endian(64 + 56, 2) + little_endian(name.size() * 2, 2) + zeros(8) + utf16(name);
}
/// Times are 1970 and as many seconds.
inline std::string smb_time(uint64_t seconds) {
  return little_endian((seconds + 11644473600) * 10'000'000, 8);
}
inline std::string smb2_created(uint64_t id, uint64_t size, uint64_t seconds = 1000) {
  return zeros(8) + smb_time(seconds) + smb_time(seconds + 1) + smb_time(seconds + 2) + smb_time(seconds + 3) + zeros(8) +
         little_endian(size, 8) + zeros(8) + smb2_file(id) + zeros(8);
}
inline std::string smb2_close(uint64_t id) {
  return zeros(8) + smb2_file(id);
}
inline std::string smb2_read(uint64_t id, uint64_t offset) {
  return zeros(8) + little_endian(offset, 8) + smb2_file(id) + zeros(17);
}
inline std::string smb2_read_answer(std::string_view data) {
  return zeros(2) + little_endian(64 + 16, 1) + zeros(1) + little_endian(data.size(), 4) + zeros(8) + std::string(data);
}
inline std::string smb2_write(uint64_t id, uint64_t offset, std::string_view data) {
  return zeros(2) + little_endian(64 + 48, 2) + little_endian(data.size(), 4) + little_endian(offset, 8) + smb2_file(id) + zeros(16) +
         std::string(data);
}
/// Of a file (MS-FSCC section 2.4): `level` 4 basic, 10 rename, 13 disposition.
inline std::string smb2_set_info(uint64_t id, uint8_t level, std::string_view info) {
  return zeros(2) + little_endian(1, 1) + little_endian(level, 1) + little_endian(info.size(), 4) + little_endian(64 + 32, 2) + zeros(6) +
         smb2_file(id) + std::string(info);
}
inline std::string smb2_rename(uint64_t id, std::string_view name) {
  return smb2_set_info(id, 10, zeros(16) + little_endian(name.size() * 2, 4) + utf16(name));
}
inline std::string smb2_ioctl(uint64_t id, uint32_t code, std::string_view input) {
  return zeros(4) + little_endian(code, 4) + smb2_file(id) + little_endian(64 + 56, 4) + little_endian(input.size(), 4) + zeros(24) +
         std::string(input);
}
inline std::string smb2_ioctl_answer(uint32_t code, std::string_view output) {
  return zeros(4) + little_endian(code, 4) + zeros(24) + little_endian(64 + 48, 4) + little_endian(output.size(), 4) + zeros(8) +
         std::string(output);
}

/// MS-CIFS section 2.2.3.1, with texts in UTF-16.
inline std::string smb1_message(uint8_t command, std::string_view blocks, uint16_t tree_id = 1, uint16_t multiplex_id = 1) {
  return "\xffSMB" + little_endian(command, 1) + zeros(5) + little_endian(0x8000, 2) + zeros(12) + little_endian(tree_id, 2) + zeros(4) +
         little_endian(multiplex_id, 2) + std::string(blocks);
}
/// Words and bytes of a command.
inline std::string smb1_block(std::string_view words, std::string_view bytes) {
  return little_endian(words.size() / 2, 1) + std::string(words) + little_endian(bytes.size(), 2) + std::string(bytes);
}
/// The first two words of a command that another one may follow.
inline std::string smb1_andx(uint8_t next = 0xff, uint16_t offset = 0) {
  return little_endian(next, 1) + zeros(1) + little_endian(offset, 2);
}
inline std::string smb1_tree_connect(std::string_view path, std::string_view andx = smb1_andx()) {
  // One byte of password, so that the path begins at an even place.
  return smb1_block(std::string(andx) + zeros(2) + little_endian(1, 2), zeros(1) + utf16(path) + zeros(2) + "?????" + zeros(1));
}
inline std::string smb1_tree_connected(std::string_view service, std::string_view file_system) {
  const size_t bytes_at = 32 + 1 + 6 + 2 + service.size() + 1;
  return smb1_block(smb1_andx() + zeros(2), std::string(service) + zeros(1) + zeros(bytes_at % 2) + utf16(file_system) + zeros(2));
}
inline std::string smb1_create(std::string_view name, std::string_view andx = smb1_andx()) {
  return smb1_block(std::string(andx) + zeros(44), zeros(1) + utf16(name) + zeros(2));
}
inline std::string smb1_created(uint16_t id, uint64_t size, uint64_t seconds = 1000) {
  return smb1_block(smb1_andx() + zeros(1) + little_endian(id, 2) + zeros(4) + smb_time(seconds) + smb_time(seconds + 1) +
                        smb_time(seconds + 2) + smb_time(seconds + 3) + zeros(12) + little_endian(size, 8) + zeros(5),
                    {});
}
inline std::string smb1_read(uint16_t id, uint64_t offset) {
  return smb1_block(smb1_andx() + little_endian(id, 2) + little_endian(offset & 0xffffffff, 4) + zeros(10) + little_endian(offset >> 32, 4),
                    {});
}
inline std::string smb1_read_answer(std::string_view data) {
  return smb1_block(smb1_andx() + zeros(6) + little_endian(data.size(), 2) + little_endian(32 + 1 + 24 + 2, 2) + zeros(10), data);
}
inline std::string smb1_write(uint16_t id, uint64_t offset, std::string_view data) {
  return smb1_block(smb1_andx() + little_endian(id, 2) + little_endian(offset & 0xffffffff, 4) + zeros(10) + little_endian(data.size(), 2) +
                        little_endian(32 + 1 + 28 + 2, 2) + little_endian(offset >> 32, 4),
                    data);
}
inline std::string smb1_close(uint16_t id) {
  return smb1_block(little_endian(id, 2) + zeros(4), {});
}
/// The names of both systems, which end a set-up, behind what begins at an odd place of the message.
inline std::string smb1_systems(size_t before) {
  return zeros((before + 1) % 2) + utf16("os") + zeros(2) + utf16("lan manager") + zeros(2);
}
inline std::string smb1_session_setup(std::string_view token) {
  return smb1_block(smb1_andx() + zeros(10) + little_endian(token.size(), 2) + zeros(8), std::string(token) + smb1_systems(token.size()));
}
inline std::string smb1_session_set_up(std::string_view token) {
  return smb1_block(smb1_andx() + zeros(2) + little_endian(token.size(), 2), std::string(token) + smb1_systems(token.size()));
}
inline std::string smb1_transaction(std::string_view name, std::string_view data) {
  const size_t data_at = 32 + 1 + 28 + 2 + 1 + name.size() * 2 + 2;
  return smb1_block(zeros(22) + little_endian(data.size(), 2) + little_endian(data_at, 2) + zeros(2),
                    zeros(1) + utf16(name) + zeros(2) + std::string(data));
}
inline std::string smb1_transaction_answer(std::string_view data) {
  return smb1_block(zeros(12) + little_endian(data.size(), 2) + little_endian(32 + 1 + 20 + 2, 2) + zeros(4), data);
}

}  // namespace sensor::test
