// Values as Zeek's scripts turn them into text.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sensor {

/// A vector of strings: "[a, b]".
inline std::string vector_text(const std::vector<std::string_view>& items) {
  std::string out = "[";
  for (const std::string_view item : items) {
    if (out.size() > 1) out += ", ";
    out += item;
  }
  return out + "]";
}

}  // namespace sensor
