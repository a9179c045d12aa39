// How Zeek makes arbitrary bytes printable.
#pragma once

#include "sensor/output/text_buffer.h"

namespace sensor {

/// The most characters that one byte becomes: \xHH.
inline constexpr size_t kEscapeChars = 4;

/// Writes `text` for a TSV cell at `out`, which has room for kEscapeChars for each byte; returns the end. Backslash, tab and (in a
/// container) comma become escapes; between those, a run whose characters are all printable UTF-8 stands as it is, and in any other run
/// every byte that is not printable ASCII becomes \xHH.
char* write_tsv_text(std::string_view text, bool in_container, char* out);
/// Appends `text` as a JSON string with its quotes. Text that is not printable UTF-8 throughout has \xHH (as characters) for each byte
/// that is not ASCII.
void escape_json(std::string_view text, TextBuffer& out);
/// Length of the printable UTF-8 character that `text` begins with; 0 when it begins with none. Control characters, surrogates, the
/// private use area U+E000-F8FF and the specials U+FFF0-FFFF do not count as printable.
size_t printable_utf8_length(std::string_view text);
/// Writes \xHH; returns the end.
char* write_hex_escape(char c, char* out);

}  // namespace sensor
