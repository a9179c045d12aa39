#include "dpi/ftp/ftp.h"

#include <algorithm>
#include <charconv>

#include "dpi/text/lines.h"

namespace sensor::ftp {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_space(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}
std::string_view skip_blanks(std::string_view s) {
  while (!s.empty() && (s.front() == ' ' || s.front() == '\t')) s.remove_prefix(1);
  return s;
}
std::string_view first_word(std::string_view s) {
  return s.substr(0, static_cast<size_t>(std::ranges::find_if(s, is_space) - s.begin()));
}

/// Takes a decimal number off a text, white space and a sign before it as C's strtol does; 0 when there is none. Unset when it is too
/// large.
std::optional<int32_t> take_number(std::string_view& s) {
  std::string_view t = s;
  while (!t.empty() && is_space(t.front())) t.remove_prefix(1);
  const bool minus = t.starts_with('-');
  if (minus || t.starts_with('+')) t.remove_prefix(1);
  if (t.empty() || !is_digit(t.front())) return 0;
  int32_t n = 0;
  const auto r = std::from_chars(t.data(), t.data() + t.size(), n);
  s = t.substr(static_cast<size_t>(r.ptr - t.data()));
  if (r.ec != std::errc{}) return std::nullopt;
  return minus ? -n : n;
}

/// Family, address and port between delimiters that the sender chooses (RFC 2428 section 2).
std::optional<Endpoint> parse_extended(std::string_view s) {
  while (!s.empty() && is_space(s.front())) s.remove_prefix(1);
  if (s.empty() || s.find('\0') != std::string_view::npos) return std::nullopt;
  const char delimiter = s.front();
  s.remove_prefix(1);
  bool good = take_number(s) && s.starts_with(delimiter);
  if (!s.empty()) s.remove_prefix(1);
  Endpoint e;
  if (!s.empty() && s.front() != delimiter) {
    const auto address = IpAddress::parse(s.substr(0, s.find(delimiter)));
    good = address.has_value();
    e.address = address.value_or(IpAddress{});
  }
  if (const size_t at = s.find(delimiter); at != std::string_view::npos) {
    s.remove_prefix(at + 1);
    const auto port = take_number(s);
    good = good && port && *port >= 0 && *port <= 65535 && s.starts_with(delimiter);
    if (good) e.port = static_cast<uint16_t>(*port);
  }
  return good ? std::optional(e) : std::nullopt;
}

Match begins_with_nocase(std::string_view text, std::string_view upper) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  const std::string_view seen = text.substr(0, upper.size());
  const bool same = std::ranges::equal(seen, upper.substr(0, seen.size()),
                                       [](char a, char b) { return (a >= 'a' && a <= 'z' ? static_cast<char>(a - 32) : a) == b; });
  if (!same) return Match::No;
  return seen.size() == upper.size() ? Match::Yes : Match::Unsure;
}

Match is_code(std::string_view text, std::string_view a, std::string_view b) {
  if (text.size() < 4) return a.starts_with(text.substr(0, 3)) || b.starts_with(text.substr(0, 3)) ? Match::Unsure : Match::No;
  return (text.starts_with(a) || text.starts_with(b)) && !is_digit(text[3]) ? Match::Yes : Match::No;
}

}  // namespace

uint32_t reply_code(std::string_view line) {
  if (line.size() < 3 || !std::ranges::all_of(line.substr(0, 3), is_digit)) return 0;
  return static_cast<uint32_t>((line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0'));
}

Request parse_request(std::string_view line) {
  Request r;
  if (line.empty()) return r;
  line = skip_blanks(line);
  while (!line.empty() && is_space(line.front())) line.remove_prefix(1);
  r.command = first_word(line);
  r.argument = skip_blanks(line.substr(r.command.size()));
  const bool printable = std::ranges::all_of(r.command, [](char c) { return c > ' ' && c < 127; });
  if (r.command.size() < 3 || !printable) {
    r.status = Request::Status::Invalid;
  } else {
    r.status = r.command.size() > kMaxCommand ? Request::Status::TooLong : Request::Status::Ok;
  }
  return r;
}

Reply ReplyReader::line(std::string_view text) {
  Reply r;
  if (text.empty()) return r;
  r.status = Reply::Status::Ok;
  r.code = reply_code(text);
  r.text = text;
  const char behind = text.size() > 3 ? text[3] : ' ';
  if (pending_ != 0) {
    r.continued = r.code != pending_ || text.size() <= 3 || behind != ' ';
    if (r.continued) {
      r.code = 0;
    } else {
      r.text = skip_blanks(text.substr(3));
      pending_ = 0;
    }
  } else if (r.code < 100) {
    r.status = r.code == 0 ? Reply::Status::NonNumericCode : Reply::Status::InvalidCode;
  } else if (behind == '-') {
    pending_ = r.code;
    r.continued = true;
    r.text = skip_blanks(text.substr(4));
  } else if (behind != ' ') {
    r.status = Reply::Status::InvalidLine;
  } else {
    r.text = skip_blanks(text.substr(3));
  }
  return r;
}

std::optional<Endpoint> parse_port(std::string_view s) {
  constexpr size_t kShortest = 11;
  if (s.size() < kShortest) return std::nullopt;
  uint32_t octets[6];
  for (size_t i = 0; i < 6; i++) {
    if (i > 0) {
      if (!s.starts_with(',')) return std::nullopt;
      s.remove_prefix(1);
    }
    const size_t before = s.size();
    const auto n = take_number(s);
    if (!n || s.size() == before || *n < 0 || *n > 255) return std::nullopt;
    octets[i] = static_cast<uint32_t>(*n);
  }
  return Endpoint{IpAddress::v4(octets[0] << 24 | octets[1] << 16 | octets[2] << 8 | octets[3]),
                  static_cast<uint16_t>(octets[4] << 8 | octets[5])};
}

std::optional<Endpoint> parse_pasv(std::string_view text) {
  if (text.find('\0') != std::string_view::npos) return std::nullopt;
  if (const size_t at = text.find('('); at != std::string_view::npos) return parse_port(text.substr(at + 1));
  if (const size_t at = text.find("PORT"); at != std::string_view::npos) return parse_port(text.substr(std::min(at + 5, text.size())));
  size_t at = text.find(',');
  if (at == std::string_view::npos) return std::nullopt;
  while (at > 0 && is_digit(text[at - 1])) at--;
  return parse_port(text.substr(at));
}

std::optional<Endpoint> parse_extended_port(std::string_view argument) {
  return parse_extended(argument);
}

std::optional<Endpoint> parse_epsv(std::string_view text) {
  const size_t at = text.find('(');
  return at == std::string_view::npos ? std::nullopt : parse_extended(text.substr(at + 1));
}

std::optional<std::string_view> adat_of_request(std::string_view line) {
  const Request r = parse_request(line);
  return r.command == "ADAT" ? std::optional(r.argument) : std::nullopt;
}

std::optional<std::string_view> adat_of_reply(std::string_view line) {
  constexpr std::string_view kName = "ADAT=";
  const uint32_t code = reply_code(line);
  if (code != 235 && code != 334 && code != 335) return std::nullopt;
  line.remove_prefix(3);
  if (line.starts_with('-')) line.remove_prefix(1);
  line = skip_blanks(line);
  return line.starts_with(kName) ? std::optional(line.substr(kName.size())) : std::nullopt;
}

Match looks_like_client(Bytes orig) {
  const auto is_user = [](std::string_view s) { return begins_with_nocase(s, "USER ") == Match::Yes; };
  const std::string_view text = as_chars(orig);
  return is_user(text) || text::holds_behind_line_end(text, is_user) ? Match::Yes : Match::Unsure;  // lines may follow
}

Match looks_like_server(Bytes resp) {
  std::string_view text = as_chars(resp);
  while (!text.empty() && (text.front() == ' ' || text.front() == '\r' || text.front() == '\n')) text.remove_prefix(1);
  const Match greeting = is_code(text, "120", "220");
  if (greeting != Match::Yes) return greeting;
  const auto asks_for_password = [](std::string_view s) {
    while (s.starts_with(' ')) s.remove_prefix(1);
    return is_code(s, "230", "331") == Match::Yes;
  };
  return text::holds_behind_line_end(text.substr(4), asks_for_password) ? Match::Yes : Match::Unsure;
}

}  // namespace sensor::ftp
