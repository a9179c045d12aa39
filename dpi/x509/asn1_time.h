// Times in certificates (RFC 5280 section 4.1.2.5).
#pragma once

#include <cstdint>
#include <string_view>

namespace sensor::x509 {

/// Seconds since 1970, or what is wrong in Zeek's words (then `seconds` is 0).
struct TimeResult {
  int64_t seconds = 0;
  std::string_view oddity = {};
};

/// YYMMDDhhmm[ss]Z; years below 50 are of this century.
TimeResult parse_utc_time(std::string_view text);
/// YYYYMMDDhhmm[ss[.f…]] and Z or an offset.
TimeResult parse_generalized_time(std::string_view text);

}  // namespace sensor::x509
