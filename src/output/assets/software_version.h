// What programs say of themselves, taken apart.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sensor {

struct SoftwareVersion {
  std::string name;
  std::optional<uint64_t> major, minor, minor2, minor3;
  std::optional<std::string> addl;
};

/// The way Zeek does it: a name, numbers, and what follows them; browsers by the part of their User-Agent that tells them apart. Any text.
SoftwareVersion parse_software(std::string_view text);

}  // namespace sensor
