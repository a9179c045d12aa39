#include "history.h"

#include <bit>

namespace sensor {

namespace {

// Five bits a letter, oldest in the lowest bits: the letter's place in kLetters plus one, and the case. Twelve letters fit; when a
// thirteenth comes all move to FlowExtra, and kSpilled says so.
constexpr std::string_view kLetters = "SHADFRCGTWIQX^";
constexpr uint64_t kLowerCase = 16;
constexpr int kBitsPerLetter = 5;
constexpr int kInlineLetters = 12;
constexpr uint64_t kSpilled = uint64_t{1} << 63;
/// Resets and SYNs with ever new sequence numbers are each mentioned: a limit against floods of them.
constexpr size_t kMaxLetters = 4096;

uint64_t encode(char letter) {
  const bool lower = letter >= 'a' && letter <= 'z';
  const size_t i = kLetters.find(lower ? static_cast<char>(letter - 'a' + 'A') : letter);
  return (i + 1) | (lower ? kLowerCase : 0);
}

char decode(uint64_t code) {
  const char c = kLetters[(code & 15) - 1];
  return (code & kLowerCase) != 0 ? static_cast<char>(c - 'A' + 'a') : c;
}

int inline_letters(uint64_t packed) {
  return (static_cast<int>(std::bit_width(packed)) + kBitsPerLetter - 1) / kBitsPerLetter;
}

std::string unpack(uint64_t packed) {
  std::string s;
  for (; packed != 0; packed >>= kBitsPerLetter) s += decode(packed & 31);
  return s;
}

}  // namespace

void add_history(Flow& flow, FlowExtras& extras, char letter) {
  if ((flow.history & kSpilled) == 0) {
    const int n = inline_letters(flow.history);
    if (n < kInlineLetters) {
      flow.history |= encode(letter) << (n * kBitsPerLetter);
      return;
    }
    extras.of(flow).long_history = unpack(flow.history);
    flow.history = kSpilled;
  }
  auto& text = extras.of(flow).long_history;
  if (text.size() < kMaxLetters) text += letter;
}

bool check_history(Flow& flow, FlowExtras& extras, Direction d, HistoryBit bit, char letter) {
  const auto mask = static_cast<uint16_t>(d == Direction::Orig ? bit : bit << 8);
  if ((flow.history_seen & mask) != 0) return true;
  flow.history_seen = static_cast<uint16_t>(flow.history_seen | mask);
  add_history(flow, extras, d, letter);
  return false;
}

std::string history_text(const Flow& flow, const FlowExtras& extras) {
  if ((flow.history & kSpilled) == 0) return unpack(flow.history);
  const FlowExtra* x = extras.find(flow);
  return x != nullptr ? x->long_history : std::string();
}

bool history_is(const Flow& flow, char letter) {
  return flow.history == encode(letter);
}

void replace_history(Flow& flow, FlowExtras& extras, std::string_view letters) {
  flow.history = 0;
  for (const char c : letters) add_history(flow, extras, c);
}

}  // namespace sensor
