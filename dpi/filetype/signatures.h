// The table of file signatures.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace sensor::filetype {

struct Signature {
  std::string_view mime_type;
  int strength;              // the highest one that matches wins
  std::string_view pattern;  // in the notation of Pattern
  size_t offset = 0;         // bytes of the file before the pattern
};

std::span<const Signature> signatures();

}  // namespace sensor::filetype
