// UTF-16 as Microsoft's protocols carry it.
#pragma once

#include <optional>
#include <string>

#include "sensor/base/byte_reader.h"

namespace sensor::text {

/// Little-endian UTF-16 up to the first NUL, as UTF-8; an odd last byte is left out. Surrogates without their pair become three bytes, as
/// in Zeek; nothing when the text ends within a pair.
std::optional<std::string> utf16_to_utf8(Bytes utf16);

}  // namespace sensor::text
