// Request and status lines, Content-Range, and how HTTP begins.
#include <algorithm>
#include <array>
#include <charconv>
#include <limits>

#include "dpi/http/http.h"
#include "dpi/mime/text.h"
#include "dpi/text/char_set.h"

namespace sensor::http {
namespace {

constexpr std::string_view kKeyword = "HTTP/";

constexpr bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
constexpr bool is_alnum(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
/// RFC 9110 section 5.6.2, with the separators of RFC 2616.
constexpr text::CharSet kToken([](char c) {
  return c > 31 && c < 127 && std::string_view(" \t()<>@,;:\\\"/[]?={}").find(c) == std::string_view::npos;
});
constexpr text::CharSet kUri([](char c) {
  return is_alnum(c) || std::string_view("%:/?#[]@!$&'()*+,;=-_.~").find(c) != std::string_view::npos;
});

enum class Keyword : uint8_t { None, Upper, Other };
Keyword keyword_at(std::string_view s) {
  if (s.starts_with(kKeyword)) return Keyword::Upper;
  return mime::equals_nocase(s.substr(0, kKeyword.size()), kKeyword) ? Keyword::Other : Keyword::None;
}

/// "x.y" at the start of a text.
Version version_at(std::string_view s) {
  if (s.size() < 3 || !is_digit(s[0]) || s[1] != '.' || !is_digit(s[2])) return {};
  return {static_cast<uint8_t>(s[0] - '0'), static_cast<uint8_t>(s[2] - '0')};
}

/// What stands behind the method: the URI, and where the version begins.
void parse_uri_and_version(std::string_view text, RequestLine& out) {
  size_t uri_end = kUri.count_leading(text);
  const Keyword first = keyword_at(text);
  if (first == Keyword::Other) out.lowercase_keyword = true;
  if (uri_end == text.size() && first != Keyword::None) {
    out.missing_uri = true;
    uri_end = 0;
  }
  size_t version = uri_end;
  for (; version < text.size(); version++) {
    uri_end = version;
    version = text.size() - mime::skip_blanks(text.substr(version)).size();
    const Keyword k = keyword_at(text.substr(version));
    if (k == Keyword::Other) out.lowercase_keyword = true;
    if (k != Keyword::None) break;
  }
  out.uri = text.substr(0, uri_end);
  if (version >= text.size()) {
    out.version = Version{0, 9};
  } else if (version + 8 <= text.size()) {
    out.version = version_at(text.substr(version + kKeyword.size()));
  }
}

std::optional<int64_t> number(std::string_view s) {
  int64_t v = 0;
  const auto r = std::from_chars(s.data(), s.data() + s.size(), v);
  return r.ec == std::errc{} ? std::optional(v) : std::nullopt;
}

}  // namespace

LineError parse_request_line(std::string_view line, RequestLine& out) {
  out = {};
  const size_t n = kToken.count_leading(line);
  if (n == 0) {
    const bool versioned = line.size() >= 9 && mime::equals_nocase(line.substr(line.size() - 9, 6), " HTTP/");
    return versioned ? LineError::MalformedWithVersion : LineError::Malformed;
  }
  const std::string_view rest = mime::skip_blanks(line.substr(n));
  if (n + rest.size() == line.size()) return LineError::Malformed;
  out.method = line.substr(0, n);
  parse_uri_and_version(rest, out);
  return LineError::None;
}

std::optional<StatusLine> parse_status_line(std::string_view line) {
  const Keyword k = keyword_at(line);
  if (k == Keyword::None) return std::nullopt;
  StatusLine out;
  out.lowercase_keyword = k == Keyword::Other;
  std::string_view rest = line.substr(kKeyword.size());
  out.version = version_at(rest);
  const auto skip_word = [&rest] {
    while (!rest.empty() && !mime::is_blank(rest[0])) rest.remove_prefix(1);
  };
  skip_word();
  rest = mime::skip_blanks(rest);
  if (rest.size() < 3) return std::nullopt;
  if (is_digit(rest[0]) && is_digit(rest[1]) && is_digit(rest[2]))
    out.code = static_cast<uint32_t>((rest[0] - '0') * 100 + (rest[1] - '0') * 10 + (rest[2] - '0'));
  rest.remove_prefix(3);
  skip_word();
  if (!rest.empty()) out.reason = mime::skip_blanks(rest);
  return out;
}

std::optional<ContentRange> parse_content_range(const mime::Header& header, std::string_view& weird, std::string& spec) {
  const auto fail = [&weird](std::string_view name) {
    weird = name;
    return std::nullopt;
  };
  spec.clear();
  std::string range(header.after_token());
  std::erase(range, ' ');
  if (header.token().value_or("") != "bytes") return fail("HTTP_content_range_unknown_byte_unit");
  const size_t slash = range.find('/');
  const size_t dash = range.find('-');
  if (slash == std::string::npos || dash == std::string::npos || dash > slash) return fail("HTTP_content_range_cannot_parse");
  spec = range;
  const std::string_view all = range;
  const auto first = number(all.substr(0, dash));
  const auto last = number(all.substr(dash + 1, slash - dash - 1));
  if (!first || !last) return fail("HTTP_content_range_cannot_parse");
  if (*first < 0 || *last < 0) return fail("HTTP_content_range_invalid");
  if (*last < *first) return fail("HTTP_non_positive_content_range");
  if (*last - *first == std::numeric_limits<int64_t>::max()) return fail("HTTP_content_range_overflow");
  ContentRange out{*first, *last, std::nullopt, false};
  const std::string_view total = all.substr(slash + 1);
  if (total != "*") {
    out.total = number(total);
    out.bad_total = !out.total;
  }
  return out;
}

namespace {

constexpr std::array<std::string_view, 42> kMethods{"OPTIONS",         "GET",        "HEAD",      "POST",        "PUT",
                                                    "DELETE",          "TRACE",      "CONNECT",   "PROPFIND",    "PROPPATCH",
                                                    "MKCOL",           "COPY",       "MOVE",      "LOCK",        "UNLOCK",
                                                    "VERSION-CONTROL", "REPORT",     "CHECKOUT",  "CHECKIN",     "UNCHECKOUT",
                                                    "MKWORKSPACE",     "UPDATE",     "LABEL",     "MERGE",       "BASELINE-CONTROL",
                                                    "MKACTIVITY",      "ORDERPATCH", "ACL",       "PATCH",       "SEARCH",
                                                    "BCOPY",           "BDELETE",    "BMOVE",     "BPROPFIND",   "BPROPPATCH",
                                                    "NOTIFY",          "POLL",       "SUBSCRIBE", "UNSUBSCRIBE", "X-MS-ENUMATTS",
                                                    "RPC_OUT_DATA",    "RPC_IN_DATA"};
constexpr text::CharSet kFirstLetters([](char c) { return std::ranges::any_of(kMethods, [c](std::string_view m) { return m[0] == c; }); });

Likeness begins_with(std::string_view text, std::string_view word) {
  if (text.starts_with(word)) return Likeness::Yes;
  return text.size() < word.size() && word.starts_with(text) ? Likeness::Undecided : Likeness::No;
}

}  // namespace

Likeness looks_like_request(Bytes begin) {
  std::string_view text = as_chars(begin);
  while (!text.empty() && std::string_view(" \t\r\n\v\f").find(text[0]) != std::string_view::npos) text.remove_prefix(1);
  if (text.empty()) return Likeness::Undecided;
  if (!kFirstLetters.has(text[0])) return Likeness::No;
  Likeness best = Likeness::No;
  for (const std::string_view method : kMethods) {
    best = std::max(best, begins_with(text, method));
    if (best == Likeness::Yes) break;
  }
  return best;
}

Likeness looks_like_response(Bytes begin) {
  const std::string_view text = as_chars(begin);
  const size_t n = std::min(text.size(), kKeyword.size());
  if (!mime::equals_nocase(text.substr(0, n), kKeyword.substr(0, n))) return Likeness::No;
  if (text.size() <= kKeyword.size()) return Likeness::Undecided;
  return is_digit(text[kKeyword.size()]) ? Likeness::Yes : Likeness::No;
}

}  // namespace sensor::http
