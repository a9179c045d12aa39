#include "dpi/ftp/path.h"

#include <charconv>
#include <vector>

namespace sensor::ftp {
namespace {

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// "/", or a drive letter as in "C:\".
bool begins_absolute(std::string_view path) {
  if (path.starts_with('/')) return true;
  return path.size() >= 3 && is_letter(path[0]) && path[1] == ':' && (path[2] == '\\' || path[2] == '/');
}

/// ".." takes back the component before it, where that is one.
void go_up(std::vector<std::string_view>& parts) {
  if (parts.size() < 2) return;
  std::string_view& before = parts[parts.size() - 2];
  if (before == "~" || before == "..") return;
  parts.pop_back();
  if (before == ".") {
    before = "..";
  } else {
    parts.pop_back();
  }
}

std::string compress(std::string_view path) {
  if (path.find("/.") == std::string_view::npos && path.find("//") == std::string_view::npos) {
    if (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
    return std::string(path);
  }
  std::vector<std::string_view> parts;
  std::string_view rest = path;
  for (bool first = true; !rest.empty(); first = false) {
    const std::string_view part = rest.substr(0, rest.find('/'));
    rest.remove_prefix(part.size() < rest.size() ? part.size() + 1 : part.size());
    if (part.empty() || (part == "." && !first)) continue;
    parts.push_back(part);
    if (part == "..") go_up(parts);
  }
  std::string out = path.starts_with('/') ? "/" : "";
  for (const std::string_view part : parts) out.append(part).append("/");
  if (out.size() > 1) out.pop_back();
  return out;
}

}  // namespace

std::string join_path(std::string_view directory, std::string_view name) {
  if (directory.empty() || (begins_absolute(name) && name.find('\n') == std::string_view::npos)) return compress(name);
  std::string path(directory);
  if (!directory.ends_with('/')) path += '/';
  return compress(path.append(name));
}

std::string find_path(std::string_view text) {
  size_t begin = 0;
  while (begin < text.size() && !begins_absolute(text.substr(begin))) begin++;
  size_t end = begin;
  while (end < text.size()) {
    if (text[end] == '"') break;
    if (text[end] == ' ' && (end == begin || text[end - 1] != '\\')) break;
    end++;
  }
  return std::string(text.substr(begin, end - begin));
}

uint64_t last_number(std::string_view text) {
  while (!text.empty() && !is_digit(text.back())) text.remove_suffix(1);
  size_t begin = text.size();
  while (begin > 0 && is_digit(text[begin - 1])) begin--;
  uint64_t n = 0;
  const auto r = std::from_chars(text.data() + begin, text.data() + text.size(), n);
  return r.ec == std::errc{} ? n : 0;
}

}  // namespace sensor::ftp
