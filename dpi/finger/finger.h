// Finger: the line that asks who somebody is (RFC 1288).
#pragma once

#include <optional>
#include <string_view>

namespace sensor::finger {

/// RFC 1288 section 2.3. Views of the line.
struct Query {
  bool verbose = false;   // "/W"
  std::string_view user;  // empty: all
  std::string_view host;  // the last one, which is to ask on; empty: the server itself
};

/// `line`: without its end. Unset: no query, because it has characters that are not printable (section 3.3).
std::optional<Query> parse_query(std::string_view line);

}  // namespace sensor::finger
