// Percent escapes of URIs (RFC 3986 section 2.1).
#pragma once

#include <string>
#include <string_view>

namespace sensor::mime {

/// What is odd about the escapes of a text; the names are Zeek's.
class EscapeSink {
 public:
  virtual ~EscapeSink() = default;
  virtual void odd_escape(std::string_view name) = 0;
};

/// Decodes %XX and %uXXXX (the latter without a leading zero byte). What is malformed is kept as it stands and told to `sink` when there
/// is one.
std::string unescape(std::string_view text, EscapeSink* sink);

}  // namespace sensor::mime
