#include "dpi/filetype/filetype.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <tuple>
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
  Named,     // no further than the pattern is long, and most data ends it at once: few bytes may come first
  Bounded,   // no further than the pattern is long
  Anchored,  // to the end, if the beginning fits
  Anywhere,  // to the end
};

Reach reach(const Signature& s, const Pattern& pattern) {
  constexpr size_t kFew = 16;
  if (pattern.bounded()) return pattern.first_bytes().count() <= kFew ? Reach::Named : Reach::Bounded;
  return s.pattern.starts_with(".*") || s.pattern.find("|.*") != std::string_view::npos ? Reach::Anywhere : Reach::Anchored;
}

/// Ranks of signatures: the strongest is 0.
struct Ranks {
  size_t best;       // of what the data is; the number of signatures when it is nothing known
  size_t may_still;  // of the strongest one that more data may make it, which need not be stronger than `best`
};

/// A long signature that says of each byte what it may be, as that of tar archives does. Looks at the bytes that tell most first; an
/// automaton would go through a state for each.
class Layout {
 public:
  static constexpr size_t kLong = 64;  // bytes

  Layout(size_t rank, size_t offset, const std::vector<Pattern::Set>& bytes) : rank_(rank), end_(offset + bytes.size()) {
    for (size_t i = 0; i < bytes.size(); i++)
      if (!bytes[i].all()) bytes_.push_back({offset + i, bytes[i]});
    std::ranges::stable_sort(bytes_, {}, [](const Byte& b) { return b.may_be.count(); });
  }
  void look(Bytes data, Ranks& r) const {
    for (const Byte& b : bytes_)
      if (b.at < data.size() && !b.may_be.test(data[b.at])) return;
    size_t& known = data.size() < end_ ? r.may_still : r.best;
    known = std::min(known, rank_);
  }

 private:
  struct Byte {
    size_t at;
    Pattern::Set may_be;
  };
  size_t rank_, end_;
  std::vector<Byte> bytes_;
};

/// Some of the other signatures: their patterns and, for each, its place among all of them.
struct Selection {
  Reach reach{};
  size_t offset = 0;  // of all of them, as is the reach
  std::vector<Pattern> patterns;
  std::vector<size_t> ranks;
  Pattern::Set first_bytes;  // of any of them
};

/// In one automaton, what comes at an offset would have a state for each byte before it, what must come within so many bytes and what may
/// come anywhere would multiply each other's states, and a state would tell apart the bytes of all patterns: the tables would be too large
/// for the caches.
struct Catalogue {
  std::vector<Signature> signatures = by_strength();
  std::vector<Layout> layouts;
  std::vector<Selection> selections;

  Catalogue() {
    std::map<std::pair<Reach, size_t>, Selection> sorted;
    for (size_t i = 0; i < signatures.size(); i++) {
      Pattern pattern(signatures[i].pattern);
      if (const auto layout = pattern.layout(); layout.size() >= Layout::kLong) {
        layouts.emplace_back(i, signatures[i].offset, layout);
        continue;
      }
      const auto key = std::pair(reach(signatures[i], pattern), signatures[i].offset);
      Selection& s = sorted[key];
      std::tie(s.reach, s.offset) = key;
      s.first_bytes |= pattern.first_bytes();
      s.patterns.push_back(std::move(pattern));
      s.ranks.push_back(i);
    }
    for (auto& [key, selection] : sorted) selections.push_back(std::move(selection));
  }
};

class Finder {
 public:
  explicit Finder(const Selection& s) : selection_(s), automaton_(s.patterns) {}
  /// `all`: no more data is going to be looked at.
  void look(Bytes data, bool all, Ranks& r) {
    const Selection& s = selection_;
    if (r.best <= s.ranks.front()) return;
    if (data.size() <= s.offset || (s.reach == Reach::Anywhere && !all)) {
      r.may_still = std::min(r.may_still, s.ranks.front());
    } else if (s.first_bytes.test(data[s.offset])) {
      const Automaton::Found found = automaton_.find(data.subspan(s.offset));
      r.best = std::min(r.best, rank(found.pattern));
      r.may_still = std::min(r.may_still, rank(found.may_precede));
    }
  }

 private:
  size_t rank(size_t pattern) const { return pattern < selection_.ranks.size() ? selection_.ranks[pattern] : SIZE_MAX; }

  const Selection& selection_;
  Automaton automaton_;
};

const Catalogue& catalogue() {
  static const Catalogue all;
  return all;
}

Ranks look(Bytes beginning, bool all) {
  thread_local std::vector<Finder> finders(catalogue().selections.begin(), catalogue().selections.end());
  const Bytes data = beginning.first(std::min(beginning.size(), kSniffBytes));
  Ranks r{catalogue().signatures.size(), SIZE_MAX};
  for (const Layout& layout : catalogue().layouts) layout.look(data, r);
  for (Finder& finder : finders) finder.look(data, all, r);
  return r;
}

std::string_view name(size_t rank) {
  return rank < catalogue().signatures.size() ? catalogue().signatures[rank].mime_type : std::string_view{};
}

}  // namespace

std::string_view mime_type(Bytes beginning) {
  return name(look(beginning, true).best);
}

std::optional<std::string_view> settled_mime_type(Bytes beginning) {
  const bool all = beginning.size() >= kSniffBytes;
  const Ranks r = look(beginning, all);
  if (r.may_still < r.best && !all) return std::nullopt;
  return name(r.best);
}

}  // namespace sensor::filetype
