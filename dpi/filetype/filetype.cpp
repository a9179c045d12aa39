#include "dpi/filetype/filetype.h"

#include <algorithm>
#include <vector>

#include "dpi/filetype/automaton.h"
#include "dpi/filetype/signatures.h"

namespace sensor::filetype {
namespace {

/// The signatures, strongest first.
std::vector<Signature> by_strength() {
  std::vector<Signature> sorted(signatures().begin(), signatures().end());
  std::ranges::stable_sort(sorted, [](const Signature& a, const Signature& b) {
    return a.strength != b.strength ? a.strength > b.strength : a.mime_type < b.mime_type;
  });
  return sorted;
}

struct Catalogue {
  std::vector<Signature> signatures = by_strength();
  std::vector<Pattern> patterns;

  Catalogue() {
    for (const Signature& s : signatures) patterns.emplace_back(s.pattern);
  }
};

}  // namespace

std::string_view mime_type(Bytes beginning) {
  static const Catalogue catalogue;
  thread_local Automaton automaton(catalogue.patterns);
  const size_t found = automaton.find(beginning.first(std::min(beginning.size(), kSniffBytes)));
  return found < catalogue.signatures.size() ? catalogue.signatures[found].mime_type : std::string_view{};
}

}  // namespace sensor::filetype
