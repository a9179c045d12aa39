#include "dpi/filetype/filetype.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "dpi/filetype/pattern.h"
#include "dpi/filetype/signatures.h"

namespace sensor::filetype {
namespace {

/// All signatures compiled, strongest first, and for each first byte those that can match.
class Catalogue {
 public:
  Catalogue() {
    for (const Signature& s : signatures()) entries_.push_back({s.mime_type, s.strength, Pattern(s.pattern)});
    std::stable_sort(entries_.begin(), entries_.end(), [](const Entry& a, const Entry& b) {
      return a.strength != b.strength ? a.strength > b.strength : a.mime_type < b.mime_type;
    });
    for (uint16_t i = 0; i < entries_.size(); i++)
      for (unsigned b = 0; b < 256; b++)
        if (entries_[i].pattern.may_begin_with(static_cast<uint8_t>(b))) by_first_byte_[b].push_back(i);
  }

  std::string_view find(Bytes data) const {
    if (data.empty()) return {};
    for (uint16_t i : by_first_byte_[data[0]])
      if (entries_[i].pattern.matches(data)) return entries_[i].mime_type;
    return {};
  }

 private:
  struct Entry {
    std::string_view mime_type;
    int strength;
    Pattern pattern;
  };
  std::vector<Entry> entries_;
  std::array<std::vector<uint16_t>, 256> by_first_byte_;
};

}  // namespace

std::string_view mime_type(Bytes beginning) {
  static const Catalogue catalogue;
  return catalogue.find(beginning.first(std::min(beginning.size(), kSniffBytes)));
}

}  // namespace sensor::filetype
