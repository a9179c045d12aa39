#include "dpi/filetype/automaton.h"

#include <algorithm>
#include <cassert>
#include <string_view>
#include <utility>

namespace sensor::filetype {

Automaton::Automaton(std::span<const Pattern> patterns) : patterns_(patterns.size()), start_{static_cast<uint32_t>(patterns.size()), {}} {
  for (size_t i = 0; i < patterns.size(); i++) {
    const auto base = static_cast<uint32_t>(steps_.size());
    const auto first_set = static_cast<uint32_t>(sets_.size());
    for (const Pattern::Step& s : patterns[i].program())
      steps_.push_back({s.kind, static_cast<uint16_t>(i), s.a + (s.kind == Pattern::Step::Byte ? first_set : base), s.b + base});
    sets_.insert(sets_.end(), patterns[i].sets().begin(), patterns[i].sets().end());
  }
  tell_bytes_apart();
  reached_.resize(steps_.size());
  round_++;
  for (uint32_t s = 0; s < steps_.size(); s++)
    if (s == 0 || steps_[s].pattern != steps_[s - 1].pattern) follow(s, start_);
  assert(start_.best == patterns_ && "a pattern must not match the empty file");
  forget();
}

Automaton::Found Automaton::find(Bytes data) {
  Row row = 0;
  while (!data.empty() && (row & kOver) == 0) {
    const uint8_t b = data[0];
    Row next = next_[row + class_of_[b]];
    if (next == kUnknown) next = advance(row, b);
    data = data.subspan(1);
    if (next == row) {
      if (const WaysOut& out = ways_out(row); !out.ways.empty()) data = data.subspan(before_way_out(data, out));
    }
    row = next;
  }
  const Configuration& c = *configurations_[(row & ~kOver) / classes_];
  return {c.best, c.waiting.empty() ? c.best : steps_[c.waiting.front()].pattern};
}

/// How many bytes lead back to the state. A window at a time for each of the ways: data full of one costs little more than data without.
size_t Automaton::before_way_out(Bytes data, const WaysOut& out) {
  constexpr size_t kWindow = 1024;
  for (size_t done = 0; done < data.size(); done += kWindow) {
    const std::string_view rest = as_chars(data.subspan(done));
    const size_t window = std::min(kWindow, rest.size());
    size_t run = window;
    for (const WaysOut::Way& way : out.ways) {
      const auto leads_out = [&](size_t at) { return at + 1 == rest.size() || way.next.test(static_cast<uint8_t>(rest[at + 1])); };
      size_t at = rest.substr(0, run).find(static_cast<char>(way.byte));
      while (at < run && !leads_out(at)) at = rest.substr(0, run).find(static_cast<char>(way.byte), at + 1);
      run = std::min(run, at);
    }
    if (run < window) return done + run;
  }
  return data.size();
}

const Automaton::WaysOut& Automaton::ways_out(Row row) {
  if (ways_out_[row / classes_].looked_for || states() + classes_ * (WaysOut::kFew + 1) > kMaxStates) return ways_out_[row / classes_];
  const auto after = [&](Row from, unsigned byte) {
    const Row next = next_[from + class_of_[byte]];
    return next != kUnknown ? next : advance(from, static_cast<uint8_t>(byte));
  };
  std::vector<WaysOut::Way> ways;
  for (unsigned b = 0; b < 256 && ways.size() <= WaysOut::kFew; b++)
    if (after(row, b) != row) ways.push_back({static_cast<uint8_t>(b), {}});
  if (ways.size() > WaysOut::kFew) ways.clear();
  for (WaysOut::Way& way : ways) {
    const Row out = after(row, way.byte);
    for (unsigned b = 0; b < 256; b++) way.next.set(b, (out & kOver) != 0 || after(out, b) != after(row, b));
  }
  return ways_out_[row / classes_] = {true, std::move(ways)};
}

/// Splits the bytes into classes, set by set: two bytes are in one when every set has both or neither.
void Automaton::tell_bytes_apart() {
  for (const Pattern::Set& set : sets_) {
    constexpr uint16_t kNone = 0xffff;
    std::array<uint16_t, 256> inside;  // by class: the one its bytes inside the set move to
    inside.fill(kNone);
    std::array<bool, 256> outside{};  // by class: some of its bytes stay
    for (size_t b = 0; b < 256; b++) outside[class_of_[b]] |= !set.test(b);
    for (size_t b = 0; b < 256; b++) {
      const uint8_t c = class_of_[b];
      if (!set.test(b) || !outside[c]) continue;
      if (inside[c] == kNone) inside[c] = static_cast<uint16_t>(classes_++);
      class_of_[b] = static_cast<uint8_t>(inside[c]);
    }
  }
}

/// Adds what is reached from a step without a byte. Depth first with a stack of its own: patterns nest, the C++ stack need not.
void Automaton::follow(uint32_t step, Configuration& c) {
  todo_.assign(1, step);
  while (!todo_.empty()) {
    const uint32_t i = todo_.back();
    todo_.pop_back();
    const Step& s = steps_[i];
    if (std::exchange(reached_[i], round_) == round_ || s.pattern >= c.best) continue;
    switch (s.kind) {
      case Pattern::Step::Byte:
        c.waiting.push_back(i);
        break;
      case Pattern::Step::Split:
        todo_.push_back(s.b);
        todo_.push_back(s.a);
        break;
      case Pattern::Step::Jump:
        todo_.push_back(s.a);
        break;
      case Pattern::Step::Accept:
        c.best = s.pattern;
        break;
    }
  }
}

Automaton::Row Automaton::advance(Row from, uint8_t byte) {
  round_++;
  const Configuration& before = *configurations_[from / classes_];
  const size_t at = from + class_of_[byte];
  Configuration after{before.best, {}};
  for (const uint32_t s : before.waiting)
    if (sets_[steps_[s].a].test(byte)) follow(s + 1, after);
  std::erase_if(after.waiting, [&](uint32_t s) { return steps_[s].pattern >= after.best; });
  std::ranges::sort(after.waiting);
  if (const auto known = rows_.find(after); known != rows_.end()) return next_[at] = known->second;
  if (states() < kMaxStates) {
    const Row row = finish(std::move(after));
    return next_[at] = row;
  }
  forget();
  return finish(std::move(after));
}

/// Makes the state of a configuration that has none.
Automaton::Row Automaton::finish(Configuration&& c) {
  const Row row = static_cast<Row>(next_.size()) | (c.waiting.empty() ? kOver : 0);
  const auto [it, fresh] = rows_.emplace(std::move(c), row);
  assert(fresh);
  configurations_.push_back(&it->first);
  ways_out_.emplace_back();
  next_.resize(next_.size() + classes_, kUnknown);
  return row;
}

void Automaton::forget() {
  configurations_.clear();
  ways_out_.clear();
  next_.clear();
  rows_.clear();
  finish(Configuration(start_));
}

}  // namespace sensor::filetype
