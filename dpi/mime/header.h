// Header fields of a MIME entity (RFC 5322 section 2.2, RFC 2045 section 5).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sensor::mime {

/// One field. The views point into the line it was parsed from.
struct Header {
  std::string_view name;
  std::string_view value;  // leading white space removed
  uint32_t lines = 1;      // physical lines it was folded over

  /// The first token of the value; unset when there is none.
  std::optional<std::string_view> token() const;
  /// What follows that token.
  std::string_view after_token() const;
};

/// Splits an unfolded line at its colon; unset when there is no field name or no colon.
std::optional<Header> parse_header(std::string_view line, uint32_t lines = 1);

enum class MediaType : uint8_t { Multipart, Message, Text, Other };

/// What a Content-Type field says.
struct ContentType {
  MediaType media = MediaType::Text;
  std::string boundary;         // multipart only
  bool boundary_given = false;  // a multipart without one is treated as opaque
};
/// Unset when the value does not begin with type/subtype.
std::optional<ContentType> parse_content_type(std::string_view value);

enum class TransferEncoding : uint8_t { Identity, QuotedPrintable, Base64 };
/// What a Content-Transfer-Encoding field says; unknown mechanisms leave the bytes alone.
TransferEncoding parse_transfer_encoding(std::string_view token);

/// The file name in a Content-Disposition or Content-Type field, as Zeek extracts it: after the last "name=", unquoted, an RFC 8187
/// character set taken off, percent escapes decoded. Unset when the value has no such parameter.
std::optional<std::string> filename_parameter(std::string_view value);

/// Whether a field's value has a parameter whose name ends in `name`; with `extended`, also in the form name* of RFC 8187.
bool has_parameter(std::string_view value, std::string_view name, bool extended);

/// Decodes %XX and %uXXXX; malformed escapes stay as they are, "%%" loses one sign.
std::string decode_percent(std::string_view text);

}  // namespace sensor::mime
