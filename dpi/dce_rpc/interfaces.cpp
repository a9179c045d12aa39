#include "dpi/dce_rpc/interfaces.h"

#include <algorithm>
#include <charconv>

namespace sensor::dce_rpc {

Uuid uuid_text(Bytes uuid) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  constexpr std::array<uint8_t, 16> kOrder{3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15};
  constexpr std::string_view kForm = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
  Uuid out{};
  size_t digit = 0;
  for (size_t i = 0; i < kForm.size(); i++) {
    if (kForm[i] == '-') {
      out[i] = '-';
      continue;
    }
    const uint8_t byte = uuid.size() == kOrder.size() ? uuid[kOrder[digit / 2]] : uint8_t{0};
    out[i] = kDigits[digit % 2 == 0 ? byte >> 4 : byte & 15];
    digit++;
  }
  return out;
}

const Interface* find_interface(std::string_view uuid) {
  const auto all = interfaces();
  const auto it = std::ranges::lower_bound(all, uuid, {}, &Interface::uuid);
  return it != all.end() && it->uuid == uuid ? &*it : nullptr;
}

std::string_view find_operation(const Interface& interface, uint16_t number) {
  unsigned next = 0;
  for (std::string_view rest = interface.operations; !rest.empty();) {
    const std::string_view word = rest.substr(0, rest.find(' '));
    rest.remove_prefix(std::min(word.size() + 1, rest.size()));
    if (word.starts_with('#')) {
      std::from_chars(word.data() + 1, word.data() + word.size(), next);
    } else if (next++ == number) {
      return word;
    }
  }
  return {};
}

}  // namespace sensor::dce_rpc
