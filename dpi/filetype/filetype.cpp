#include "dpi/filetype/filetype.h"

#include <algorithm>
#include <map>
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

/// How far a search goes when nothing is found. In this order, because what is found soon may make the others needless.
enum class Reach : uint8_t {
  Bounded,   // no further than the pattern is long
  Anchored,  // to the end, if the beginning fits
  Anywhere,  // to the end
};

Reach reach(const Signature& s, const Pattern& pattern) {
  if (pattern.bounded()) return Reach::Bounded;
  return s.pattern.starts_with(".*") || s.pattern.find("|.*") != std::string_view::npos ? Reach::Anywhere : Reach::Anchored;
}

/// Some of the signatures: their patterns and, for each, its place among all of them.
struct Selection {
  size_t offset = 0;  // of all of them
  std::vector<Pattern> patterns;
  std::vector<size_t> ranks;
};

/// In one automaton, what comes at an offset would have a state for each byte before it, and what must come within so many bytes and what
/// may come anywhere would multiply each other's states.
struct Catalogue {
  std::vector<Signature> signatures = by_strength();
  std::vector<Selection> selections;

  Catalogue() {
    std::map<std::pair<Reach, size_t>, Selection> sorted;
    for (size_t i = 0; i < signatures.size(); i++) {
      Pattern pattern(signatures[i].pattern);
      Selection& s = sorted[{reach(signatures[i], pattern), signatures[i].offset}];
      s.offset = signatures[i].offset;
      s.patterns.push_back(std::move(pattern));
      s.ranks.push_back(i);
    }
    for (auto& [key, selection] : sorted) selections.push_back(std::move(selection));
  }
};

class Finder {
 public:
  explicit Finder(const Selection& s) : automaton_(s.patterns), offset_(s.offset), ranks_(s.ranks) {}
  /// The rank of what the data is, if that is below `bound`; otherwise `bound`.
  size_t rank(Bytes data, size_t bound) {
    if (data.size() <= offset_ || bound <= ranks_.front()) return bound;
    const size_t found = automaton_.find(data.subspan(offset_));
    return found < ranks_.size() ? std::min(ranks_[found], bound) : bound;
  }

 private:
  Automaton automaton_;
  size_t offset_;
  std::span<const size_t> ranks_;
};

}  // namespace

std::string_view mime_type(Bytes beginning) {
  static const Catalogue catalogue;
  thread_local std::vector<Finder> finders(catalogue.selections.begin(), catalogue.selections.end());
  const Bytes data = beginning.first(std::min(beginning.size(), kSniffBytes));
  size_t rank = catalogue.signatures.size();
  for (Finder& finder : finders) rank = finder.rank(data, rank);
  return rank < catalogue.signatures.size() ? catalogue.signatures[rank].mime_type : std::string_view{};
}

}  // namespace sensor::filetype
