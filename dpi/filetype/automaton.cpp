#include "dpi/filetype/automaton.h"

#include <algorithm>
#include <cassert>
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
  reached_.resize(steps_.size());
  round_++;
  for (uint32_t s = 0; s < steps_.size(); s++)
    if (s == 0 || steps_[s].pattern != steps_[s - 1].pattern) follow(s, start_);
  assert(start_.best == patterns_ && "a pattern must not match the empty file");
  forget();
}

size_t Automaton::find(Bytes data) {
  StateId state = 0;
  for (const uint8_t b : data) {
    const StateId next = states_[state].next[b];
    state = next != kUnknown ? next : advance(state, b);
    if (over_[state]) break;
  }
  return states_[state].configuration->best;
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

Automaton::StateId Automaton::advance(StateId from, uint8_t byte) {
  round_++;
  const Configuration& before = *states_[from].configuration;
  Configuration after{before.best, {}};
  for (const uint32_t s : before.waiting)
    if (sets_[steps_[s].a].test(byte)) follow(s + 1, after);
  std::erase_if(after.waiting, [&](uint32_t s) { return steps_[s].pattern >= after.best; });
  std::ranges::sort(after.waiting);
  if (const auto known = ids_.find(after); known != ids_.end()) return states_[from].next[byte] = known->second;
  if (states_.size() < kMaxStates) return states_[from].next[byte] = finish(std::move(after));
  forget();
  return finish(std::move(after));
}

/// Makes the state of a configuration that has none.
Automaton::StateId Automaton::finish(Configuration&& c) {
  const auto id = static_cast<StateId>(states_.size());
  const auto [it, fresh] = ids_.emplace(std::move(c), id);
  assert(fresh);
  over_.push_back(it->first.waiting.empty());
  states_.push_back({&it->first, {}});
  std::ranges::fill(states_.back().next, kUnknown);
  return id;
}

void Automaton::forget() {
  states_.clear();
  over_.clear();
  ids_.clear();
  finish(Configuration(start_));
}

}  // namespace sensor::filetype
