// Patterns over the first bytes of a file: a small regular language, run as a nondeterministic automaton in time linear in the input.
#pragma once

#include <bitset>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "sensor/base/byte_reader.h"

namespace sensor::filetype {

/// A compiled pattern. It matches when some prefix of the data belongs to its language; matching starts at the first byte.
///
///   abc        these bytes              \xHH \r \n     a byte by value           \. \[ …   the character itself
///   .          any byte                 \b             blank, tab, CR or LF      \s        any ASCII white space
///   [a-z^]     one of; [^…]: none of    ~word~         word in any case          {name}    a fragment, see fragments()
///   x* x+ x?   repetition               x{n} x{n,} x{n,m}  counted repetition    (a|b)     alternatives
///
/// Immutable once made; any number of threads may match.
class Pattern {
 public:
  /// Compiles `text`, which is part of the program: a malformed pattern is a programmer's error and asserts.
  explicit Pattern(std::string_view text);

  bool matches(Bytes data) const;
  /// Whether a match can begin with this byte.
  bool may_begin_with(uint8_t b) const { return first_.test(b); }
  /// Steps of the automaton: bounds the work per byte.
  size_t size() const { return program_.size(); }

 private:
  friend class PatternCompiler;
  using Set = std::bitset<256>;

  struct Step {
    enum Kind : uint8_t { Byte, Split, Jump, Accept } kind;
    uint16_t a = 0;  // Byte: index into sets_; Split, Jump: next step
    uint16_t b = 0;  // Split: other next step
  };

  void add(std::vector<uint16_t>& list, std::vector<uint32_t>& mark, uint32_t round, uint16_t step, bool& accepted) const;

  std::vector<Step> program_;
  std::vector<Set> sets_;
  Set first_;
};

}  // namespace sensor::filetype
