// Microsoft's identifiers of keyboard layouts ("Default input profiles" and "Keyboard identifiers" of the Windows documentation).
#pragma once

#include <cstdint>
#include <string_view>

namespace sensor::rdp {

/// Empty: not known.
std::string_view keyboard_language(uint32_t layout);

}  // namespace sensor::rdp
