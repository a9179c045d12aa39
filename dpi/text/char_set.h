// Sets of characters.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace sensor::text {

/// The characters that pass a test, as a table.
class CharSet {
 public:
  template <class Test>
  constexpr explicit CharSet(Test passes) {
    for (size_t c = 0; c < has_.size(); c++) has_[c] = passes(static_cast<char>(c));
  }

  constexpr bool has(char c) const { return has_[static_cast<uint8_t>(c)]; }
  /// How many characters of `text` come before the first one that is not in the set.
  constexpr size_t count_leading(std::string_view text) const {
    size_t n = 0;
    while (n < text.size() && has(text[n])) n++;
    return n;
  }

 private:
  std::array<bool, 256> has_{};
};

}  // namespace sensor::text
