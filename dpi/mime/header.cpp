#include "dpi/mime/header.h"

#include "dpi/mime/percent.h"
#include "dpi/mime/text.h"

namespace sensor::mime {
namespace {

bool is_space(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}

/// Whether a text ends in "name", blanks, and '*' where allowed.
bool ends_in_name(std::string_view text, std::string_view name, bool extended) {
  if (extended && text.ends_with('*')) text.remove_suffix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text.size() >= name.size() && equals_nocase(text.substr(text.size() - name.size()), name);
}

/// Where the value of the last parameter whose name ends in "name" begins: name, blanks, optional '*', '=', blanks.
std::optional<std::string_view> after_last_name(std::string_view value) {
  for (size_t n = value.rfind('='); n != std::string_view::npos; n = value.substr(0, n).rfind('='))
    if (ends_in_name(value.substr(0, n), "name", true)) return skip_blanks(value.substr(n + 1));
  return std::nullopt;
}

/// Characters of a character set or language in an RFC 8187 value, with the lenience of common practice.
bool is_charset(char c) {
  if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')) return true;
  return (c >= '+' && c <= '^') || std::string_view("!#$%&_`{}~").find(c) != std::string_view::npos;
}

/// Removes charset'language' in front of an extended value.
std::string_view without_charset(std::string_view name) {
  size_t i = 0;
  while (i < name.size() && is_charset(name[i])) i++;
  if (i == 0 || i >= name.size() || name[i] != '\'') return name;
  size_t j = i + 1;
  while (j < name.size() && is_charset(name[j])) j++;
  if (j >= name.size() || name[j] != '\'') return name;
  return name.substr(name.rfind('\'') + 1);
}

}  // namespace

std::optional<std::string_view> Header::token() const {
  return ValueReader(value).token();
}

std::string_view Header::after_token() const {
  ValueReader r(value);
  return r.token() ? r.rest() : std::string_view{};
}

std::optional<Header> parse_header(std::string_view line, uint32_t lines) {
  ValueReader r(line);
  const std::string_view name = r.field_name();
  if (name.empty() || !r.consume(':')) return std::nullopt;
  Header h{name, r.rest(), lines};
  while (!h.value.empty() && is_space(h.value.front())) h.value.remove_prefix(1);
  return h;
}

std::optional<ContentType> parse_content_type(std::string_view value) {
  ValueReader r(value);
  const auto type = r.token();
  if (!type || !r.consume('/') || !r.token()) return std::nullopt;
  ContentType out;
  out.media = equals_nocase(*type, "multipart") ? MediaType::Multipart
              : equals_nocase(*type, "message") ? MediaType::Message
              : equals_nocase(*type, "text")    ? MediaType::Text
                                                : MediaType::Other;
  if (out.media != MediaType::Multipart) return out;
  while (r.consume(';')) {
    const auto name = r.token();
    if (!name) break;
    if (!r.consume('=')) continue;
    if (!equals_nocase(*name, "boundary")) {
      (void)r.value();
      continue;
    }
    auto boundary = r.boundary();
    if (!boundary) continue;
    out.boundary = std::move(*boundary);
    out.boundary_given = true;
  }
  return out;
}

TransferEncoding parse_transfer_encoding(std::string_view token) {
  if (equals_nocase(token, "quoted-printable")) return TransferEncoding::QuotedPrintable;
  if (equals_nocase(token, "base64")) return TransferEncoding::Base64;
  return TransferEncoding::Identity;
}

std::optional<std::string> filename_parameter(std::string_view value) {
  const auto found = after_last_name(value);
  if (!found) return std::nullopt;
  std::string_view name = *found;
  if (name.starts_with('"')) {
    name.remove_prefix(1);
    name = name.substr(0, name.find('"'));
  }
  return decode_percent(without_charset(name));
}

bool has_parameter(std::string_view value, std::string_view name, bool extended) {
  for (size_t n = value.find('='); n != std::string_view::npos; n = value.find('=', n + 1))
    if (ends_in_name(value.substr(0, n), name, extended)) return true;
  return false;
}

std::string decode_percent(std::string_view text) {
  return unescape(text, nullptr);
}

}  // namespace sensor::mime
