// Names of DCE-RPC's interfaces and of their operations.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "sensor/base/byte_reader.h"

namespace sensor::dce_rpc {

struct Interface {
  std::string_view uuid;        // in lower case
  std::string_view name;        // as Zeek calls it
  std::string_view operations;  // by number, from 0; "#7" says that the next one is number 7
};

/// In the order of their UUIDs.
std::span<const Interface> interfaces();

using Uuid = std::array<char, 36>;
/// As text, from its 16 bytes in little-endian order, which Zeek takes them for everywhere.
Uuid uuid_text(Bytes uuid);
/// Null: not known.
const Interface* find_interface(std::string_view uuid);
/// Empty: not known.
std::string_view find_operation(const Interface& interface, uint16_t number);

}  // namespace sensor::dce_rpc
