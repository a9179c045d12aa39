#include "tools/logs/tsv_lines.h"

#include <algorithm>
#include <charconv>

namespace sensor::tools {
namespace {

/// The byte that "xHH" stands for, or -1.
int hex_escape(std::string_view text) {
  unsigned value = 0;
  if (text.size() < 3 || text[0] != 'x') return -1;
  const char* end = text.data() + 3;
  const auto [stop, error] = std::from_chars(text.data() + 1, end, value, 16);
  return error == std::errc() && stop == end ? static_cast<int>(value) : -1;
}

}  // namespace

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (true) {
    const size_t end = text.find(separator);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

std::string unescape(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (size_t i = 0; i < text.size(); i++) {
    if (text[i] != '\\' || i + 1 == text.size()) {
      out += text[i];
    } else if (text[i + 1] == '\\') {
      out += '\\';
      i++;
    } else if (const int byte = hex_escape(text.substr(i + 1)); byte >= 0) {
      out += static_cast<char>(byte);
      i += 3;
    } else {
      out += '\\';
    }
  }
  return out;
}

void TsvHeader::take(std::string_view line) {
  constexpr std::string_view kSeparator = "#separator ";
  if (line.starts_with(kSeparator)) {
    const std::string text = unescape(line.substr(kSeparator.size()));
    if (!text.empty()) separator = text.front();
    return;
  }
  const auto parts = split(line, separator);
  const std::string_view value = parts.size() > 1 ? parts[1] : std::string_view();
  if (parts[0] == "#set_separator") set_separator = value;
  if (parts[0] == "#empty_field") empty_field = value;
  if (parts[0] == "#unset_field") unset_field = value;
  if (parts[0] == "#path") path = value;
  if (parts[0] == "#fields") fields.assign(parts.begin() + 1, parts.end());
  if (parts[0] == "#types") types.assign(parts.begin() + 1, parts.end());
}

size_t TsvHeader::find(std::string_view field) const {
  return static_cast<size_t>(std::find(fields.begin(), fields.end(), field) - fields.begin());
}

}  // namespace sensor::tools
