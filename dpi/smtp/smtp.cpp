#include "dpi/smtp/smtp.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "dpi/mime/text.h"
#include "dpi/text/lines.h"

namespace sensor::smtp {
namespace {

constexpr std::array<std::string_view, 20> kWords{"EHLO", "HELO", "MAIL", "RCPT",     "DATA",           "QUIT", "RSET", "VRFY",
                                                  "EXPN", "HELP", "NOOP", "STARTTLS", "X-ANONYMOUSTLS", "SEND", "SOML", "SAML",
                                                  "TURN", "BDAT", "ETRN", "AUTH"};

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_space(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}
std::string_view skip_space(std::string_view s) {
  while (!s.empty() && is_space(s.front())) s.remove_prefix(1);
  return s;
}

/// HELO or EHLO after white space.
bool is_hello(std::string_view s) {
  s = skip_space(s).substr(0, 4);
  return mime::equals_nocase(s, "HELO") || mime::equals_nocase(s, "EHLO");
}

}  // namespace

std::optional<Command> parse_command(std::string_view word) {
  const auto it = std::ranges::find_if(kWords, [word](std::string_view w) { return mime::equals_nocase(w, word); });
  if (it == kWords.end()) return std::nullopt;
  return static_cast<Command>(it - kWords.begin());
}

Chunk parse_chunk(std::string_view s) {
  constexpr std::string_view kLast = " LAST";
  constexpr size_t kLongest = std::string_view("18446744073709551615 LAST").size();
  if (s.empty() || s.size() > kLongest) return {0, false, "BDAT argument bad length"};
  if (!is_digit(s.front())) return {0, false, "BDAT not followed by a valid chunk-size"};
  Chunk chunk;
  const auto r = std::from_chars(s.data(), s.data() + s.size(), chunk.size);
  s.remove_prefix(static_cast<size_t>(r.ptr - s.data()));
  if (!s.empty() && s.front() != ' ' && s.front() != '\0') return {0, false, "BDAT chunk-size not valid"};
  if (r.ec != std::errc{}) return {0, false, "BDAT chunk-size too large"};
  chunk.last = mime::equals_nocase(s, kLast);
  if (!s.empty() && !chunk.last) chunk.error = "BDAT chunk-size followed by junk";
  return chunk;
}

Match looks_like_client(Bytes orig) {
  const std::string_view text = as_chars(orig);
  return is_hello(text) || text::holds_behind_line_end(text, is_hello) ? Match::Yes : Match::Unsure;  // lines may follow
}

Match looks_like_server(Bytes resp) {
  constexpr std::string_view kCode = "220";
  const std::string_view text = skip_space(as_chars(resp));
  if (text.size() <= kCode.size()) return kCode.starts_with(text) ? Match::Unsure : Match::No;
  return text.starts_with(kCode) && (is_space(text[3]) || text[3] == '-') ? Match::Yes : Match::No;
}

}  // namespace sensor::smtp
