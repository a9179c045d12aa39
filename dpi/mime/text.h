// Tokens of MIME and HTTP header values (RFC 2045 section 5.1, RFC 5322 section 3.2), read leniently.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "dpi/text/char_set.h"

namespace sensor::mime {

constexpr bool is_blank(char c) {
  return c == ' ' || c == '\t';
}
constexpr char to_lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}
constexpr char to_upper(char c) {
  return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
}
namespace detail {
bool equal_letters(std::string_view a, std::string_view b);
}
/// ASCII letters compare without case. Nearly all are sent as the RFCs write them: a name that is asked for is best written so, too.
inline bool equals_nocase(std::string_view a, std::string_view b) {
  return a.size() == b.size() && (a == b || detail::equal_letters(a, b));
}
std::string upper(std::string_view s);
/// Removes leading spaces and tabs.
std::string_view skip_blanks(std::string_view s);

/// A cursor over a header's value. Views it returns point into the value.
class ValueReader {
 public:
  explicit ValueReader(std::string_view text) : text_(text) {}

  std::string_view rest() const { return text_.substr(pos_); }
  bool empty() const { return pos_ >= text_.size(); }
  /// Skips blanks and comments in parentheses, which nest and may hold quoted pairs.
  void skip_blanks_and_comments() {
    while (!empty() && (is_blank(text_[pos_]) || text_[pos_] == '(')) skip_blank_or_comment();
  }
  /// Consumes `c` after blanks and comments; false, and nothing but the blanks consumed, when something else stands there.
  bool consume(char c);
  /// The next token; characters that cannot begin one are passed over. Nothing is consumed when there is none.
  std::optional<std::string_view> token();
  /// The next name of a header field; what cannot begin one is passed over. Empty, and nothing is consumed, when there is none.
  std::string_view field_name();
  /// The next token or quoted string, unquoted.
  std::optional<std::string> value();
  /// A multipart boundary: like value(), but everything printable except the double quote belongs to it, as seen in the wild.
  std::optional<std::string> boundary();

 private:
  void skip_blank_or_comment();
  std::string_view run(const text::CharSet& alphabet);
  std::optional<std::string> quoted();

  std::string_view text_;
  size_t pos_ = 0;
};

}  // namespace sensor::mime
