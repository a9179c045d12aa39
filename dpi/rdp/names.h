// Names of the numbers in RDP's messages, spelled as Zeek spells them.
#pragma once

#include <cstdint>
#include <string>

namespace sensor::rdp {

// Numbers without a name: what they are, a hyphen and the number.
std::string build_name(uint32_t build);
std::string security_protocol_name(uint32_t protocol);
std::string failure_name(uint32_t code);
std::string certificate_type_name(uint32_t type);
std::string encryption_method_name(uint32_t method);
std::string encryption_level_name(uint32_t level);
std::string color_depth_name(uint16_t depth);
std::string result_name(uint8_t result);
/// The language of a keyboard layout; of one that is not known, that of its lower half is the best guess.
std::string keyboard_name(uint32_t layout);

}  // namespace sensor::rdp
