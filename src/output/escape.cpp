#include "escape.h"

#include <algorithm>
#include <cstdint>
#include <cstring>

namespace sensor {
namespace {

constexpr char kHex[] = "0123456789abcdef";

bool is_printable_ascii(char c) {
  return c >= 32 && c < 127;
}

/// The same character eight times.
constexpr uint64_t eight_times(char c) {
  return 0x0101010101010101ULL * static_cast<uint8_t>(c);
}

constexpr uint64_t kHighBits = eight_times('\x80');

/// Not 0 where one of eight characters is 0, and in such a word only.
constexpr uint64_t some_zero(uint64_t word) {
  return (word - eight_times(1)) & ~word & kHighBits;
}

/// Whether one of eight characters is not printable ASCII, or is a backslash, or is `other`.
constexpr bool some_special(uint64_t word, char other) {
  const uint64_t below_space = (word - eight_times(' ')) & ~word & kHighBits;
  const uint64_t above_tilde = (word | (word + eight_times(1))) & kHighBits;
  return (below_space | above_tilde | some_zero(word ^ eight_times('\\')) | some_zero(word ^ eight_times(other))) != 0;
}

/// Copies text of printable ASCII without backslash and `other`; returns the end, or null at any other character. Nearly all text is
/// plain, so it is looked at by the word.
char* copy_plain(std::string_view text, char other, char* out) {
  const size_t size = text.size();
  uint64_t word = eight_times(' ');
  if (size >= 8) {
    for (size_t i = 0; i < size; i += 8) {
      const size_t at = std::min(i, size - 8);  // the last word may begin in the one before
      std::memcpy(&word, &text[at], 8);
      if (some_special(word, other)) return nullptr;
      std::memcpy(out + at, &word, 8);
    }
    return out + size;
  }
  for (size_t i = 0; i < size; i++) {
    word = word << 8 | static_cast<uint8_t>(text[i]);
    out[i] = text[i];
  }
  return some_special(word, other) ? nullptr : out + size;
}

/// Length, bits of the first byte and smallest code point of a sequence, by its first byte (RFC 3629 section 3).
struct Utf8Lead {
  size_t length;
  uint32_t bits;
  uint32_t minimum;
};

Utf8Lead utf8_lead(uint8_t b) {
  if (b < 0x80) return {1, b, 0};
  if (b >= 0xc2 && b <= 0xdf) return {2, b & 0x1fu, 0x80};
  if (b >= 0xe0 && b <= 0xef) return {3, b & 0x0fu, 0x800};
  if (b >= 0xf0 && b <= 0xf4) return {4, b & 0x07u, 0x10000};
  return {0, 0, 0};
}

bool is_unwanted(uint32_t code) {
  return code < 0x20 || (code >= 0x7f && code <= 0x9f) || (code >= 0xd800 && code <= 0xf8ff) || (code >= 0xfff0 && code <= 0xffff) ||
         code > 0x10ffff;
}

/// `allowed_controls`: control characters that count as printable here.
bool all_printable(std::string_view run, std::string_view allowed_controls) {
  while (!run.empty()) {
    if (is_printable_ascii(run.front()) || allowed_controls.find(run.front()) != std::string_view::npos) {
      run.remove_prefix(1);
      continue;
    }
    const size_t n = printable_utf8_length(run);
    if (n == 0) return false;
    run.remove_prefix(n);
  }
  return true;
}

/// A run of text without characters that always need an escape.
char* write_tsv_run(std::string_view run, char* out) {
  if (all_printable(run, {})) return std::copy(run.begin(), run.end(), out);
  for (char c : run) {
    if (is_printable_ascii(c)) {
      *out++ = c;
    } else {
      out = write_hex_escape(c, out);
    }
  }
  return out;
}

void add_json_char(char c, TextBuffer& out) {
  static constexpr std::string_view kControls = "\b\f\n\r\t", kLetters = "bfnrt";
  if (c == '"' || c == '\\') {
    out.add('\\');
    out.add(c);
  } else if (const size_t i = kControls.find(c); i != std::string_view::npos) {
    out.add('\\');
    out.add(kLetters[i]);
  } else {
    out.add(c);
  }
}

}  // namespace

size_t printable_utf8_length(std::string_view text) {
  if (text.empty()) return 0;
  const Utf8Lead lead = utf8_lead(static_cast<uint8_t>(text.front()));
  if (lead.length == 0 || lead.length > text.size()) return 0;
  uint32_t code = lead.bits;
  for (size_t i = 1; i < lead.length; i++) {
    const auto b = static_cast<uint8_t>(text[i]);
    if ((b & 0xc0) != 0x80) return 0;
    code = code << 6 | (b & 0x3fu);
  }
  return code < lead.minimum || is_unwanted(code) ? 0 : lead.length;
}

char* write_hex_escape(char c, char* out) {
  const auto b = static_cast<uint8_t>(c);
  for (const char digit : {'\\', 'x', kHex[b >> 4], kHex[b & 15]}) *out++ = digit;
  return out;
}

char* write_tsv_text(std::string_view text, bool in_container, char* out) {
  if (char* end = copy_plain(text, in_container ? ',' : '\\', out); end != nullptr) return end;
  const auto needs_escape = [in_container](char c) { return c == '\\' || c == '\t' || (in_container && c == ','); };
  while (true) {
    const auto end = std::find_if(text.begin(), text.end(), needs_escape);
    const auto n = static_cast<size_t>(end - text.begin());
    out = write_tsv_run(text.substr(0, n), out);
    text.remove_prefix(n);
    if (text.empty()) return out;
    if (text.front() == '\\') {
      *out++ = '\\';
      *out++ = '\\';
    } else {
      out = write_hex_escape(text.front(), out);
    }
    text.remove_prefix(1);
  }
}

void escape_json(std::string_view text, TextBuffer& out) {
  static constexpr std::string_view kKeptControls = "\b\f\n\r\t";
  out.add('"');
  if (const char* end = copy_plain(text, '"', out.reserve(text.size())); end != nullptr) {
    out.commit(end);
  } else if (all_printable(text, kKeptControls)) {
    for (char c : text) add_json_char(c, out);
  } else {
    for (char c : text) {
      if (is_printable_ascii(c) || kKeptControls.find(c) != std::string_view::npos) {
        add_json_char(c, out);
      } else {
        out.add('\\');  // the backslash of \xHH is a character of the JSON string
        out.commit(write_hex_escape(c, out.reserve(kEscapeChars)));
      }
    }
  }
  out.add('"');
}

}  // namespace sensor
