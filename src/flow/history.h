// Zeek's connection history: a string of letters, upper case for the originator.
#pragma once

#include <string>

#include "flow_extra.h"
#include "sensor/flow/flow.h"

namespace sensor {

/// Letters that are mentioned once for each direction; bits of Flow::history_seen, the responder's shifted by 8.
enum HistoryBit : uint16_t {
  kHistorySyn = 1,
  kHistoryFin = 2,
  kHistoryRst = 4,
  kHistoryFinRst = 8,
  kHistoryData = 16,
  kHistoryAck = 32,
  kHistoryMulti = 64,
};

/// Adds a letter, upper case for the originator.
void add_history(Flow& flow, FlowExtras& extras, char letter);
/// The same for one side's letter, given in upper case.
inline void add_history(Flow& flow, FlowExtras& extras, Direction d, char letter) {
  add_history(flow, extras, d == Direction::Orig ? letter : static_cast<char>(letter + ('a' - 'A')));
}
/// Adds the letter unless its bit is set for this side already; true if it was.
bool check_history(Flow& flow, FlowExtras& extras, Direction d, HistoryBit bit, char letter);
/// Counts an event and adds its letter at the first, tenth, hundredth … occurrence.
template <class Count>
void add_scaled_history(Flow& flow, FlowExtras& extras, Direction d, Count& count, char letter);

std::string history_text(const Flow& flow, const FlowExtras& extras);
/// The history is the single letter given.
bool history_is(const Flow& flow, char letter);
/// Replaces the history by at most 12 letters.
void replace_history(Flow& flow, FlowExtras& extras, std::string_view letters);

constexpr bool is_power_of_ten(uint64_t n) {
  for (uint64_t p = 1; p <= n; p *= 10) {
    if (p == n) return true;
  }
  return false;
}

template <class Count>
void add_scaled_history(Flow& flow, FlowExtras& extras, Direction d, Count& count, char letter) {
  if (is_power_of_ten(++count)) add_history(flow, extras, d, letter);
}

}  // namespace sensor
