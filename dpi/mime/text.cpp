#include "dpi/mime/text.h"

#include <algorithm>

namespace sensor::mime {
namespace {

constexpr bool is_printable(char c) {
  return c >= 33 && c <= 126;
}
constexpr text::CharSet kToken([](char c) {
  return is_printable(c) && std::string_view("()<>@,;:\\\"/[]?=").find(c) == std::string_view::npos;
});
constexpr text::CharSet kFieldName([](char c) { return is_printable(c) && c != ':'; });
constexpr text::CharSet kBoundary([](char c) { return is_printable(c) && c != '"'; });

}  // namespace

/// For texts of one length.
bool detail::equal_letters(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) { return x == y || to_lower(x) == to_lower(y); });
}

std::string upper(std::string_view s) {
  std::string out(s);
  for (char& c : out) c = to_upper(c);
  return out;
}

std::string_view skip_blanks(std::string_view s) {
  size_t n = 0;
  while (n < s.size() && is_blank(s[n])) n++;
  return s.substr(n);
}

void ValueReader::skip_blank_or_comment() {
  size_t depth = 0;
  do {
    const char c = text_[pos_++];
    if (c == '(') depth++;
    if (c == ')') depth--;
    if (c == '\\') pos_++;
  } while (depth > 0 && pos_ < text_.size());
  pos_ = std::min(pos_, text_.size());
}

bool ValueReader::consume(char c) {
  skip_blanks_and_comments();
  if (empty() || text_[pos_] != c) return false;
  pos_++;
  return true;
}

/// The next characters of an alphabet, others passed over; empty when there are none.
std::string_view ValueReader::run(const text::CharSet& alphabet) {
  const size_t start = pos_;
  while (!empty()) {
    if (const size_t n = alphabet.count_leading(rest()); n > 0) {
      pos_ += n;
      return text_.substr(pos_ - n, n);
    }
    const size_t before = pos_;
    skip_blanks_and_comments();
    if (pos_ == before) pos_++;
  }
  pos_ = start;
  return {};
}

std::optional<std::string_view> ValueReader::token() {
  const std::string_view token = run(kToken);
  return token.empty() ? std::nullopt : std::optional(token);
}

std::string_view ValueReader::field_name() {
  const size_t start = pos_;
  skip_blanks_and_comments();  // a parenthesis may also begin a name
  const std::string_view name = run(kFieldName);
  if (name.empty()) pos_ = start;
  return name;
}

std::optional<std::string> ValueReader::quoted() {
  std::string out;
  for (size_t i = pos_ + 1; i < text_.size(); i++) {
    if (text_[i] == '"') {
      pos_ = i + 1;
      return out;
    }
    if (text_[i] == '\\' && ++i >= text_.size()) break;
    out += text_[i];
  }
  return std::nullopt;
}

std::optional<std::string> ValueReader::value() {
  skip_blanks_and_comments();
  if (!empty() && text_[pos_] == '"') return quoted();
  const auto t = token();
  return t ? std::optional<std::string>(*t) : std::nullopt;
}

std::optional<std::string> ValueReader::boundary() {
  if (!empty() && text_[pos_] == '"') return quoted();
  const std::string_view t = run(kBoundary);
  return t.empty() ? std::nullopt : std::optional<std::string>(t);
}

}  // namespace sensor::mime
