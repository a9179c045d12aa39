// Where lines begin.
#pragma once

#include <string_view>

namespace sensor::text {

/// Whether `test` holds for what begins behind one of the line ends, CR or LF.
template <class Test>
bool holds_behind_line_end(std::string_view text, Test test) {
  constexpr std::string_view kLineEnds = "\r\n";
  for (size_t i = text.find_first_of(kLineEnds); i != std::string_view::npos; i = text.find_first_of(kLineEnds, i + 1))
    if (test(text.substr(i + 1))) return true;
  return false;
}

}  // namespace sensor::text
