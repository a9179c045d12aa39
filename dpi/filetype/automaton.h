// Many patterns matched at once.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <unordered_map>
#include <vector>

#include "dpi/filetype/pattern.h"
#include "sensor/base/byte_reader.h"
#include "sensor/base/hash.h"

namespace sensor::filetype {

/// Finds the first of an ordered list of patterns that matches the beginning of some data, looking at each byte once: a deterministic
/// automaton whose states are made when data first leads to them. It holds at most kMaxStates (about 10 MB); when there would be more it
/// forgets them all and goes on. One thread at a time.
class Automaton {
 public:
  static constexpr size_t kMaxStates = 8192;

  /// Patterns in the order of precedence; none of them may match the empty data (asserted).
  explicit Automaton(std::span<const Pattern> patterns);

  struct Found {
    size_t pattern;      // index of the first one of which some prefix of the data is a word; the number of patterns when there is none
    size_t may_precede;  // the first one before it of which more data could make a word; `pattern` when there is none
    bool operator==(const Found&) const = default;
  };
  Found find(Bytes data);

  size_t patterns() const { return patterns_; }
  size_t states() const { return configurations_.size(); }

 private:
  /// A state as the walk over the data sees it: where its row of next_ begins, and whether nothing more can happen behind it.
  using Row = uint32_t;
  static constexpr Row kOver = 1U << 31, kUnknown = kOver - 1;

  struct Step {
    Pattern::Step::Kind kind;
    uint16_t pattern;
    uint32_t a, b;  // as in Pattern::Step, counted over all patterns
  };
  /// What can still happen: the bytes that are waited for, of those patterns alone that precede the best one that has matched.
  struct Configuration {
    uint32_t best;
    std::vector<uint32_t> waiting;  // Byte steps, ascending
    bool operator==(const Configuration&) const = default;
  };
  struct ConfigurationHash {
    size_t operator()(const Configuration& c) const {
      uint64_t h = c.best;
      for (const uint32_t step : c.waiting) h = mix64(h, step);
      return h;
    }
  };
  /// How a state that most bytes lead back to is left: by one of a few bytes, unless the byte behind it makes up for it.
  struct WaysOut {
    struct Way {
      uint8_t byte;
      Pattern::Set next;  // those that do not
    };
    static constexpr size_t kFew = 5;
    bool looked_for = false;
    std::vector<Way> ways;  // empty when they are many
  };
  static size_t before_way_out(Bytes data, const WaysOut& out);

  void tell_bytes_apart();
  void follow(uint32_t step, Configuration& c);
  Row finish(Configuration&& c);
  Row advance(Row from, uint8_t byte);
  void forget();
  const WaysOut& ways_out(Row row);

  size_t patterns_;
  std::vector<Step> steps_;
  std::vector<Pattern::Set> sets_;
  Configuration start_;
  // The first state is where all data begins. Each has a next one for every class of bytes that no pattern tells apart.
  std::array<uint8_t, 256> class_of_{};
  uint32_t classes_ = 1;
  std::vector<Row> next_;
  std::vector<const Configuration*> configurations_;  // keys of rows_, in the order of the rows
  std::unordered_map<Configuration, Row, ConfigurationHash> rows_;
  std::vector<WaysOut> ways_out_;  // by state
  // For follow(): which steps were reached in this round, and those to look at.
  std::vector<uint32_t> reached_;
  uint32_t round_ = 0;
  std::vector<uint32_t> todo_;
};

}  // namespace sensor::filetype
