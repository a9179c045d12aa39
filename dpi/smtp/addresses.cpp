#include "dpi/smtp/addresses.h"

#include <algorithm>
#include <optional>

namespace sensor::smtp {
namespace {

constexpr size_t kNone = std::string_view::npos;
constexpr size_t kLongestIpText = 45;
constexpr size_t kMaxIpText = 8 * 1024;  // of a field that is searched for IP addresses
constexpr size_t kMaxQuotes = 4096;      // in one list

bool is_blank(char c) {
  return c == ' ' || c == '\t';
}
bool is_space(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}
/// What may stand before an address, and between addresses.
bool begins_address(char c) {
  return c == '<' || c == ',' || c == ':' || is_blank(c);
}
bool ends_address(char c) {
  return c == '>' || c == ',' || c == ';' || is_blank(c);
}

/// The length of the address at the beginning of a text, with the character before it and the one behind it; 0: there is none.
size_t address_at(std::string_view s) {
  size_t i = !s.empty() && begins_address(s[0]) ? 1 : 0;
  const size_t local = i;
  while (i < s.size() && s[i] != '@' && !begins_address(s[i])) i++;
  if (i == local || i >= s.size() || s[i] != '@') return 0;
  const size_t domain = ++i;
  while (i < s.size() && !ends_address(s[i])) i++;
  if (i == domain) return 0;
  return i < s.size() ? i + 1 : i;
}

std::string without_punctuation(std::string_view s) {
  std::string out(s);
  std::erase_if(out, [](char c) { return c == '<' || c == '>' || c == ',' || c == ':' || c == ';' || is_blank(c); });
  return out;
}

/// The end of a list member that begins at `from`, where it holds an '@' with something on both sides, or kNone.
size_t member_end(std::string_view s, size_t from) {
  const size_t end = std::min(s.find(',', from), s.size());
  if (end <= from + 2) return kNone;
  const size_t at = s.find('@', from + 1);
  return at != kNone && at + 1 < end ? end : kNone;
}

bool is_ip_char(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F') || c == ':' || c == '.';
}

/// The length of the longest IP address at the beginning of a text; 0: there is none.
size_t ip_at(std::string_view s, IpAddress& address) {
  size_t n = 0, dots = 0, colons = 0;
  for (; n < s.size() && n < kLongestIpText && is_ip_char(s[n]); n++) {
    dots += s[n] == '.';
    colons += s[n] == ':';
  }
  if (dots < 3 && colons < 2) return 0;
  for (; n >= 2; n--) {
    const std::string_view text = s.substr(0, n);
    const bool v4 = text.find(':') == kNone;
    if (v4 && std::ranges::count(text, '.') != 3) continue;
    if (const auto a = IpAddress::parse(text)) {
      address = *a;
      return n;
    }
  }
  return 0;
}

bool is_wrapped(std::string_view text, size_t begin, size_t end) {
  if (begin == 0 && end == text.size()) return true;
  const char before = begin > 0 ? text[begin - 1] : '\0';
  const char after = end < text.size() ? text[end] : '\0';
  return (before == '[' && after == ']') || (before == '(' && after == ')') || (before == '{' && after == '}') ||
         (before == ' ' && after == ' ');
}

}  // namespace

std::vector<std::string> mail_addresses(std::string_view text) {
  std::vector<std::string> out;
  text = text.substr(0, kMaxAddressText);
  for (size_t i = 0; i < text.size();) {
    // The first character may be part of an address only where nothing stands before it.
    const size_t n = i == 0 || begins_address(text[i]) ? address_at(text.substr(i)) : 0;
    if (n > 0) out.push_back(without_punctuation(text.substr(i, n)));
    i += std::max<size_t>(n, 1);
  }
  return out;
}

std::vector<std::string> address_list(std::string_view text) {
  std::vector<std::string> out;
  text = text.substr(0, kMaxAddressText);
  size_t quotes = 0;
  for (size_t i = 0; i < text.size() && quotes < kMaxQuotes;) {
    size_t end = text[i] == ',' ? kNone : member_end(text, i);
    if (text[i] == '"') {
      quotes++;
      const size_t quote = text.find('"', i + 1);
      const size_t quoted_end = quote == kNone ? kNone : member_end(text, quote + 1);
      if (quoted_end != kNone && (end == kNone || quoted_end > end)) end = quoted_end;
    }
    if (end == kNone) {
      // What holds no '@' before the next comma holds none further on either, unless it is quoted.
      i = text[i] == ',' ? i + 1 : std::min({text.find(',', i), text.find('"', i + 1), text.size()});
      continue;
    }
    std::string_view member = text.substr(i, end - i);
    while (!member.empty() && is_space(member.front())) member.remove_prefix(1);
    while (!member.empty() && is_space(member.back())) member.remove_suffix(1);
    out.emplace_back(member);
    i = end;
  }
  return out;
}

std::vector<IpAddress> ip_addresses(std::string_view text, bool wrapped) {
  std::vector<IpAddress> out;
  text = text.substr(0, kMaxIpText);
  for (size_t i = 0; i < text.size();) {
    IpAddress address;
    const size_t n = is_ip_char(text[i]) ? ip_at(text.substr(i), address) : 0;
    if (n > 0 && (!wrapped || is_wrapped(text, i, i + n))) out.push_back(address);
    i += std::max<size_t>(n, 1);
  }
  return out;
}

}  // namespace sensor::smtp
