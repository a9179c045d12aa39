#include "dpi/filetype/filetype.h"

#include <algorithm>
#include <span>
#include <utility>
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

/// Some of the signatures: their patterns and, for each, its place among all of them.
struct Selection {
  std::vector<Pattern> patterns;
  std::vector<size_t> ranks;
};

/// What must come within so many bytes and what may come anywhere: in one automaton the two would multiply each other's states.
struct Catalogue {
  std::vector<Signature> signatures = by_strength();
  Selection bounded, unbounded;

  Catalogue() {
    for (size_t i = 0; i < signatures.size(); i++) {
      Pattern pattern(signatures[i].pattern);
      Selection& s = pattern.bounded() ? bounded : unbounded;
      s.patterns.push_back(std::move(pattern));
      s.ranks.push_back(i);
    }
  }
};

class Finder {
 public:
  explicit Finder(const Selection& s) : automaton_(s.patterns), ranks_(s.ranks) {}
  size_t rank(Bytes data, size_t none) {
    const size_t found = automaton_.find(data);
    return found < ranks_.size() ? ranks_[found] : none;
  }

 private:
  Automaton automaton_;
  std::span<const size_t> ranks_;
};

}  // namespace

std::string_view mime_type(Bytes beginning) {
  static const Catalogue catalogue;
  thread_local Finder bounded(catalogue.bounded), unbounded(catalogue.unbounded);
  const Bytes data = beginning.first(std::min(beginning.size(), kSniffBytes));
  const size_t none = catalogue.signatures.size();
  const size_t rank = std::min(bounded.rank(data, none), unbounded.rank(data, none));
  return rank != none ? catalogue.signatures[rank].mime_type : std::string_view{};
}

}  // namespace sensor::filetype
