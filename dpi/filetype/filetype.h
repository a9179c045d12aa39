// What kind of file some bytes begin, named as Zeek's file signatures name it.
#pragma once

#include <optional>
#include <string_view>

#include "sensor/base/byte_reader.h"

namespace sensor::filetype {

/// Bytes from the start of a file that decide its type; more are not looked at.
inline constexpr size_t kSniffBytes = 4096;

/// The MIME type of the strongest signature that matches the beginning of a file, or empty when none does. Of signatures equally strong
/// the name that sorts first wins. The result has static storage. Time is linear in the data; any thread may call.
std::string_view mime_type(Bytes beginning);
/// The same when no bytes that could follow `beginning` make it another one; nothing when they could.
std::optional<std::string_view> settled_mime_type(Bytes beginning);
/// Makes what this thread's first call would wait for (some milliseconds).
inline void make_ready() {
  (void)mime_type({});
}

}  // namespace sensor::filetype
