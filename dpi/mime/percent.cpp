#include "dpi/mime/percent.h"

namespace sensor::mime {
namespace {

int hex(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}
bool all_hex(std::string_view s) {
  for (char c : s)
    if (hex(c) < 0) return false;
  return true;
}
char byte(char high, char low) {
  return static_cast<char>(hex(high) * 16 + hex(low));
}

}  // namespace

std::string unescape(std::string_view text, EscapeSink* sink) {
  std::string out;
  out.reserve(text.size());
  out = text.substr(0, text.find('%'));  // often all of it
  const auto odd = [sink](std::string_view name) {
    if (sink != nullptr) sink->odd_escape(name);
  };
  for (size_t i = out.size(); i < text.size(); i++) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    const std::string_view after = text.substr(i + 1);
    if (after.size() < 2) {
      odd(after.empty() ? "illegal_%_at_end_of_URI" : "partial_escape_at_end_of_URI");
      out.append(text.substr(i));
      break;
    }
    if (after[0] == '%') {
      // The first sign is dropped; the second one is looked at next.
      odd("double_%_in_URI");
    } else if (all_hex(after.substr(0, 2))) {
      out += byte(after[0], after[1]);
      i += 2;
    } else if (after[0] == 'u' && after.size() >= 5 && all_hex(after.substr(1, 4))) {
      if (after[1] != '0' || after[2] != '0') out += byte(after[1], after[2]);
      out += byte(after[3], after[4]);
      i += 5;
    } else {
      odd("unescaped_%_in_URI");
      out += '%';
      out += after[0];
      i += 1;
    }
  }
  return out;
}

}  // namespace sensor::mime
