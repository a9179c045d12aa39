#include "dpi/filetype/filetype.h"

#include <algorithm>
#include <cstdint>
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

/// Ranks of signatures: the strongest is 0.
struct Ranks {
  size_t best;       // of what the data is; the number of signatures when it is nothing known
  size_t may_still;  // of the strongest one that more data may make it, which need not be stronger than `best`
};

class Finder {
 public:
  explicit Finder(const Selection& s) : automaton_(s.patterns), offset_(s.offset), ranks_(s.ranks) {}
  void look(Bytes data, Ranks& r) {
    if (r.best <= ranks_.front()) return;
    Automaton::Found found{ranks_.size(), 0};
    if (data.size() > offset_) found = automaton_.find(data.subspan(offset_));
    r.best = std::min(r.best, rank(found.pattern));
    r.may_still = std::min(r.may_still, rank(found.may_precede));
  }

 private:
  size_t rank(size_t pattern) const { return pattern < ranks_.size() ? ranks_[pattern] : SIZE_MAX; }

  Automaton automaton_;
  size_t offset_;
  std::span<const size_t> ranks_;
};

const Catalogue& catalogue() {
  static const Catalogue all;
  return all;
}

Ranks look(Bytes beginning) {
  thread_local std::vector<Finder> finders(catalogue().selections.begin(), catalogue().selections.end());
  const Bytes data = beginning.first(std::min(beginning.size(), kSniffBytes));
  Ranks r{catalogue().signatures.size(), SIZE_MAX};
  for (Finder& finder : finders) finder.look(data, r);
  return r;
}

std::string_view name(size_t rank) {
  return rank < catalogue().signatures.size() ? catalogue().signatures[rank].mime_type : std::string_view{};
}

}  // namespace

std::string_view mime_type(Bytes beginning) {
  return name(look(beginning).best);
}

std::optional<std::string_view> settled_mime_type(Bytes beginning) {
  const Ranks r = look(beginning);
  if (r.may_still < r.best && beginning.size() < kSniffBytes) return std::nullopt;
  return name(r.best);
}

}  // namespace sensor::filetype
