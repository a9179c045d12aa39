// Executable files of Windows made by hand, as far as their headers.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sensor::test {

inline std::string pe_little(uint64_t n, size_t bytes) {
  std::string out;
  for (size_t i = 0; i < bytes; i++) out += static_cast<char>(n >> (8 * i));
  return out;
}

struct PeFile {
  uint16_t machine = 0x8664, characteristics = 0x22;
  bool plus = true;  // PE32+
  uint16_t subsystem = 3, dll_characteristics = 0x8160;
  std::vector<uint32_t> table_sizes = std::vector<uint32_t>(16, 0);
  std::vector<std::string> sections = {".text", ".rdata"};
  bool object_file = false;
  size_t dos_program = 64;

  std::string optional_header() const {
    if (object_file) return {};
    std::string tables;
    for (const uint32_t size : table_sizes) tables += pe_little(0x1000, 4) + pe_little(size, 4);
    return pe_little(plus ? 0x20b : 0x10b, 2) + std::string(22, 'l') + std::string(8, 'b') + std::string(8, 'a') + pe_little(6, 2) +
           pe_little(1, 2) + std::string(24, 'v') + pe_little(subsystem, 2) + pe_little(dll_characteristics, 2) +
           std::string(plus ? 32 : 16, 'm') + pe_little(0, 4) + pe_little(table_sizes.size(), 4) + tables;
  }
  std::string bytes() const {
    const std::string optional = optional_header();
    std::string out = "MZ" + std::string(58, '\0') + pe_little(64 + dos_program, 4) + std::string(dos_program, 'd');
    out += std::string("PE\0\0", 4) + pe_little(machine, 2) + pe_little(sections.size(), 2) + pe_little(1'600'000'000, 4) +
           std::string(8, '\0') + pe_little(optional.size(), 2) + pe_little(characteristics, 2) + optional;
    for (const std::string& s : sections) out += (s + std::string(8, '\0')).substr(0, 8) + std::string(32, 's');
    return out + "code";
  }
};

}  // namespace sensor::test
