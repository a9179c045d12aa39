// Patterns over the first bytes of a file: a small regular language, compiled to the steps of a nondeterministic automaton.
#pragma once

#include <bitset>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace sensor::filetype {

/// A compiled pattern. It matches when some prefix of the data belongs to its language; matching starts at the first byte.
///
///   abc        these bytes              \xHH \r \n     a byte by value           \. \[ …   the character itself
///   .          any byte                 \b             blank, tab, CR or LF      \s        any ASCII white space
///   [a-z^]     one of; [^…]: none of    ~word~         word in any case          {name}    a fragment, see fragments()
///   x* x+ x?   repetition               x{n} x{n,} x{n,m}  counted repetition    (a|b)     alternatives
///
/// Immutable once made. Automaton runs it.
class Pattern {
 public:
  using Set = std::bitset<256>;
  struct Step {
    enum Kind : uint8_t { Byte, Split, Jump, Accept } kind;
    uint16_t a = 0;  // Byte: index into sets(), and the step after it is next; Split, Jump: next step
    uint16_t b = 0;  // Split: other next step
  };

  /// Compiles `text`, which is part of the program: a malformed pattern is a programmer's error and asserts.
  explicit Pattern(std::string_view text);

  /// Whether every match ends within a number of bytes that the pattern fixes: it repeats nothing at will.
  bool bounded() const;
  /// The bytes that data may begin with.
  Set first_bytes() const;
  /// What each byte may be, one after the other, where that is all there is to the pattern; empty when it has choices.
  std::vector<Set> layout() const;
  const std::vector<Step>& program() const { return program_; }
  const std::vector<Set>& sets() const { return sets_; }

 private:
  friend class PatternCompiler;

  struct Reached {
    std::vector<size_t> bytes;  // Byte steps
    bool accepts = false;
  };
  Reached reached_from(size_t step) const;

  std::vector<Step> program_;
  std::vector<Set> sets_;
};

}  // namespace sensor::filetype
