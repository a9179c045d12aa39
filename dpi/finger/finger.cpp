#include "dpi/finger/finger.h"

#include <algorithm>

namespace sensor::finger {
namespace {

std::string_view skip_blanks(std::string_view s) {
  const size_t n = s.find_first_not_of(" \t");
  return n == std::string_view::npos ? std::string_view{} : s.substr(n);
}

}  // namespace

std::optional<Query> parse_query(std::string_view line) {
  const auto control = [](char c) { return static_cast<unsigned char>(c) < ' ' && c != '\t'; };
  if (std::ranges::any_of(line, control)) return std::nullopt;
  Query q;
  line = skip_blanks(line);
  q.verbose = line.starts_with("/W") || line.starts_with("/w");
  if (q.verbose) line = skip_blanks(line.substr(2));
  q.user = line.substr(0, line.find('@'));
  if (const size_t at = line.rfind('@'); at != std::string_view::npos) q.host = line.substr(at + 1);
  return q;
}

}  // namespace sensor::finger
