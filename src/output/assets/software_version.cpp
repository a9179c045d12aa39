#include "software_version.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace sensor {
namespace {

using Text = std::string_view;
constexpr size_t kNone = Text::npos;
constexpr Text kDigits = "0123456789", kVersionChars = "0123456789-._, ", kNumbersAndDots = "0123456789.";

Text strip(Text s) {
  constexpr Text kBlanks = " \t\r\n\f\v";
  const size_t first = s.find_first_not_of(kBlanks);
  return first == kNone ? Text() : s.substr(first, s.find_last_not_of(kBlanks) - first + 1);
}

/// Characters of `set` that `s` has from `at` on without a break.
size_t run(Text s, size_t at, Text set) {
  return std::min(s.find_first_not_of(set, std::min(at, s.size())), s.size()) - std::min(at, s.size());
}

/// What may stand between a name and its version: '/', '-', '_', or a blank with opening brackets or 'v's. Its length; 0: none.
size_t separator(Text s, size_t at) {
  if (at >= s.size()) return 0;
  if (s[at] == '/' || s[at] == '-' || s[at] == '_') return 1;
  const size_t n = s[at] == ' ' ? run(s, at + 1, "(v") : 0;
  return n == 0 ? 0 : 1 + n;
}

/// A separator, if there is one, and at least two characters of a version. Its length; 0: none.
size_t version_length(Text s, size_t at) {
  constexpr size_t kShortest = 2;
  const size_t alone = run(s, at, kVersionChars), skipped = separator(s, at);
  const size_t behind = skipped == 0 ? 0 : run(s, at + skipped, kVersionChars);
  return std::max(alone >= kShortest ? alone : 0, behind >= kShortest ? skipped + behind : 0);
}

/// Without the first separator, if the name ends with one.
std::string without_separator(Text name) {
  std::string s(name);
  bool ends_with_one = false;
  for (size_t i = 0; i < s.size() && !ends_with_one; i++) ends_with_one = separator(s, i) != 0 && i + separator(s, i) == s.size();
  if (!ends_with_one) return s;
  size_t first = 0;
  while (separator(s, first) == 0) first++;
  s.erase(first, separator(s, first));
  return std::string(strip(s));
}

std::string name_of(Text before) {
  std::string name = without_separator(before);
  if (name.starts_with('(')) name.erase(0, 1);
  return std::string(strip(name));
}

/// The first number in a text; 0 when there is none or it is too large.
uint64_t number_in(Text s) {
  const size_t first = s.find_first_of(kDigits);
  uint64_t n = 0;
  if (first == kNone) return 0;
  const auto result = std::from_chars(s.data() + first, s.data() + s.size(), n);
  return result.ec == std::errc() ? n : 0;
}

/// At most four pieces, divided by any of `separators`.
std::array<std::optional<Text>, 4> split(Text s, Text separators) {
  std::array<std::optional<Text>, 4> pieces;
  for (size_t i = 0; i < pieces.size(); i++) {
    const size_t end = i + 1 == pieces.size() ? kNone : s.find_first_of(separators);
    pieces[i] = s.substr(0, end);
    if (end == kNone) break;
    s.remove_prefix(end + 1);
  }
  return pieces;
}

/// What stands in brackets behind the version, or the first word there.
std::optional<std::string> addition(Text after) {
  if (after.empty() || after == ")") return std::nullopt;
  const size_t open = run(after, 0, " \t");
  if (open < after.size() && after[open] == '(') {
    const size_t close = after.find(')', open);
    const Text inside = close == kNone ? Text() : after.substr(open + 1, close - open - 1);
    const bool plain = std::ranges::all_of(inside, [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || Text("-._ \t").find(c) != kNone;
    });
    if (close != kNone && plain) return std::string(inside);
  }
  const auto words = split(after, "-._,;[](){} ");
  for (size_t i = 0; i < 3; i++)
    if (words[i] && !words[i]->empty()) return std::string(strip(*words[i]));
  return std::string(strip(after));
}

void set_numbers(Text version, SoftwareVersion& v) {
  version = strip(version);
  if (!version.empty() && Text("/-._v(").find(version.front()) != kNone) version = strip(version.substr(1));
  const auto numbers = split(version, "-._,[({ ");
  std::optional<uint64_t>* const places[] = {&v.major, &v.minor, &v.minor2, &v.minor3};
  for (size_t i = 0; i < numbers.size(); i++)
    if (numbers[i] && !numbers[i]->empty()) *places[i] = number_in(*numbers[i]);
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/// Percent escapes, also those written \xHH.
std::string unescape(Text text) {
  std::string out;
  for (size_t i = 0; i < text.size(); i++) {
    const size_t head = text[i] == '%' ? 1 : text.substr(i, 2) == "\\x" ? 2 : 0;
    const int high = head != 0 && i + head + 1 < text.size() ? hex_digit(text[i + head]) : -1;
    const int low = high < 0 ? -1 : hex_digit(text[i + head + 1]);
    if (low < 0) {
      out += text[i];
      continue;
    }
    out += static_cast<char>(high * 16 + low);
    i += head + 1;
  }
  return out;
}

SoftwareVersion parse_plain(Text raw) {
  const std::string text = unescape(raw);
  const Text s = text;
  size_t at = 0, length = 0;
  while (at < s.size() && (length = version_length(s, at)) == 0) at++;
  SoftwareVersion v;
  v.name = name_of(s.substr(0, at));
  if (length != 0) {
    set_numbers(s.substr(at, length), v);
    v.addl = addition(s.substr(at + length));
  }
  if (v.name == "Flash Player") v.name = "Flash";
  return v;
}

/// Numbers behind `label`, such as those of "Version/16.1"; nothing where the label is missing.
SoftwareVersion labelled(Text text, Text label, Text chars = kNumbersAndDots) {
  const size_t at = text.find(label);
  return at == kNone ? SoftwareVersion() : parse_plain(text.substr(at, label.size() + run(text, at + label.size(), chars)));
}

SoftwareVersion named(Text name, SoftwareVersion v) {
  v.name = name;
  return v;
}

/// Whether `second` stands somewhere behind `first`.
bool in_order(Text text, Text first, Text second) {
  const size_t at = text.find(first);
  return at != kNone && text.find(second, at + first.size()) != kNone;
}

/// Internet Explorer: its engine tells more than it admits in compatibility modes.
SoftwareVersion explorer(Text text) {
  SoftwareVersion v;
  v.minor = 0;
  for (const auto& [engine, major] :
       {std::pair<Text, uint64_t>{"Trident/4.0", 8}, {"Trident/5.0", 9}, {"Trident/6.0", 10}, {"Trident/7.0", 11}}) {
    if (text.find(engine) == kNone) continue;
    v.major = major;
    return named("MSIE", v);
  }
  return named("MSIE", labelled(text, "MSIE ", "0123456789.b"));
}

SoftwareVersion parse_browser(Text text) {
  const auto has = [text](Text part) { return text.find(part) != kNone; };
  const size_t opera = text.rfind("Opera ");
  if (opera != kNone && opera + 6 + run(text, opera + 6, kNumbersAndDots) == text.size())
    return named("Opera", parse_plain(text.substr(opera)));
  if (has(" MSIE ") || has("Trident/")) return explorer(text);
  if (has("Edge/")) return named("Edge", labelled(text, "Edge/"));
  if (in_order(text, "Version/", "Safari/")) {
    SoftwareVersion v = named("Safari", labelled(text, "Version/"));
    if (in_order(text, " Mobile", " Safari")) v.addl = "Mobile";
    return v;
  }
  for (const Text name : {"Firefox", "Netscape", "Thunderbird"})
    if (has(std::string(name) + "/")) return labelled(text, std::string(name) + "/");
  if (in_order(text, "Chrome/", "Safari/")) return named("Chrome", labelled(text, "Chrome/"));
  if (text.starts_with("Opera/")) {
    for (const Text kind : {"Opera Mini", "Opera Mobi"})
      if (has(std::string(kind) + "/")) return named(kind, has("Version/") ? labelled(text, "Version/") : labelled(text, "Opera Mini/"));
    return named("Opera", labelled(text, "Version/"));
  }
  if (has("AdobeAIR/")) return named("AdobeAIR", labelled(text, "AdobeAIR/"));
  if (has("AppleWebKit/")) return named("Unspecified WebKit", labelled(text, "AppleWebKit/"));
  if (has(" Java/")) return named("Java", labelled(text, "Java/", "0123456789._"));
  return named("<unknown browser>", {});
}

/// Mozilla/5.0, Opera/9.80: every browser begins like this.
bool is_browser(Text text) {
  for (const Text head : {"Mozilla/", "Opera/"}) {
    const size_t digits = text.starts_with(head) ? run(text, head.size(), kDigits) : 0;
    if (digits != 0 && text.substr(head.size() + digits).starts_with('.')) return true;
  }
  return false;
}

/// Google's telephones have a form of their own: A/9/Google/Pixel…
SoftwareVersion pixel(Text version) {
  SoftwareVersion v;
  if (version.find('.') != kNone)
    v = parse_plain(version);
  else
    v.major = number_in(version);
  return named("Android (Google Pixel)", v);
}

}  // namespace

SoftwareVersion parse_software(std::string_view text) {
  if (text.starts_with("A/")) {
    const Text version = text.substr(2, run(text, 2, kNumbersAndDots));
    if (text.substr(2 + version.size()).starts_with("/Google/Pixel")) return pixel(version);
  }
  return is_browser(text) ? parse_browser(text) : parse_plain(text);
}

}  // namespace sensor
