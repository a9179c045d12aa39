#include "dpi/sip/sip.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace sensor::sip {
namespace {

constexpr std::string_view kVersion = "SIP/";

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
/// A token of RFC 3261 section 25.1.
bool is_token_char(char c) {
  return is_letter(c) || is_digit(c) || (c != '\0' && std::string_view("_.!%*+`'~-").find(c) != std::string_view::npos);
}
bool is_uri_char(char c) {
  return c > ' ' && c < 0x7f;
}
char upper(char c) {
  return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}

template <class Predicate>
std::string_view take_while(std::string_view& s, Predicate wanted) {
  const auto end = std::ranges::find_if_not(s, wanted);
  const std::string_view taken = s.substr(0, static_cast<size_t>(end - s.begin()));
  s.remove_prefix(taken.size());
  return taken;
}

void skip_blanks(std::string_view& s) {
  take_while(s, [](char c) { return c == ' ' || c == '\t'; });
}

/// "SIP/2.0"
bool take_version(std::string_view& s) {
  if (!s.starts_with(kVersion)) return false;
  s.remove_prefix(kVersion.size());
  if (take_while(s, is_digit).empty() || !s.starts_with('.')) return false;
  s.remove_prefix(1);
  return !take_while(s, is_digit).empty();
}

bool read_request_line(std::string_view line, StartLine& out) {
  out.junk = take_while(line, [](char c) { return !is_token_char(c); });
  out.method = take_while(line, is_token_char);
  skip_blanks(line);
  out.uri = take_while(line, is_uri_char);
  skip_blanks(line);
  return !out.method.empty() && !out.uri.empty() && take_version(line);
}

bool read_status_line(std::string_view line, StartLine& out) {
  constexpr size_t kDigits = 3;
  if (!take_version(line)) return false;
  skip_blanks(line);
  if (line.size() < kDigits || !std::ranges::all_of(line.substr(0, kDigits), is_digit)) return false;
  std::from_chars(line.data(), line.data() + kDigits, out.status);
  line.remove_prefix(kDigits);
  skip_blanks(line);
  out.reason = line;
  return true;
}

}  // namespace

bool is_response(std::string_view datagram) {
  return datagram.starts_with(kVersion) && datagram.size() > 6;
}

/// Ends with CR, LF, or both.
bool MessageReader::take_line(std::string_view& line) {
  const size_t end = rest_.find_first_of("\r\n");
  if (end == std::string_view::npos) return false;
  line = rest_.substr(0, end);
  rest_.remove_prefix(end + (rest_.substr(end, 2) == "\r\n" ? 2 : 1));
  return true;
}

MessageReader::Status MessageReader::start(StartLine& out) {
  out = {};
  out.is_request = !is_response(rest_);
  std::string_view line;
  if (!take_line(line)) return Status::End;
  return (out.is_request ? read_request_line(line, out) : read_status_line(line, out)) ? Status::Found : Status::Malformed;
}

MessageReader::Status MessageReader::next(Header& out) {
  std::string_view line;
  do {
    if (headers_ended_ || !take_line(line)) return Status::End;
    // A line that begins with a blank goes on with the one before (section 7.3.1); what it says is passed over.
  } while (line.starts_with(' ') || line.starts_with('\t'));
  if (line.empty()) {
    headers_ended_ = true;
    return Status::End;
  }
  out.name = take_while(line, [](char c) { return c != ':' && c != ' ' && c != '\t'; });
  skip_blanks(line);
  if (out.name.empty() || !line.starts_with(':')) return Status::Malformed;
  line.remove_prefix(1);
  skip_blanks(line);
  out.value = line;
  if (same_name(out.name, "Content-Length") || same_name(out.name, "l")) body_bytes_ = number(out.value);
  return Status::Found;
}

bool looks_like_message(std::string_view datagram) {
  constexpr size_t kLongestMethod = 32, kLongestLine = 2048;
  // Most datagrams go no further than this.
  std::string_view start = datagram.substr(0, kLongestMethod);
  if (take_while(start, is_token_char).empty() || !(start.starts_with(' ') || is_response(datagram))) return false;
  MessageReader m(datagram.substr(0, kLongestLine));
  StartLine line;
  return m.start(line) == MessageReader::Status::Found && line.junk.empty();
}

uint64_t number(std::string_view text) {
  uint64_t n = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), n);
  return error == std::errc() && end == text.data() + text.size() ? n : 0;
}

std::string_view before_parameter(std::string_view text, std::string_view name) {
  for (size_t at = text.find(';'); at != std::string_view::npos; at = text.find(';', at + 1)) {
    std::string_view rest = text.substr(at + 1);
    if (rest.starts_with(' ')) rest.remove_prefix(1);
    if (rest.starts_with(name)) return text.substr(0, at);
  }
  return text;
}

bool same_name(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](char x, char y) { return upper(x) == upper(y); });
}

bool is_known_method(std::string_view method) {
  constexpr std::array<std::string_view, 8> kMethods{"REGISTER", "INVITE", "ACK", "CANCEL", "BYE", "OPTIONS", "NOTIFY", "SUBSCRIBE"};
  return std::ranges::find(kMethods, method) != kMethods.end();
}

}  // namespace sensor::sip
