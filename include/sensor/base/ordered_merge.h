// Several streams, each nearly in order, as one in order.
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <vector>

namespace sensor {

/// Entry: copyable, with a member before(other) that is a strict weak order. Belongs to one thread.
/// Holds what was added until it is taken; the caller decides how far the merge may go (a watermark).
///
/// What is added in order joins its lane's latest run, anything else begins a new one; the heads of all runs form a heap. So a lane whose
/// pieces overlap, as at the end of a run when every connection is written, costs the logarithm of the pieces held per entry.
template <class Entry>
class OrderedMerge {
 public:
  explicit OrderedMerge(size_t lanes) : latest_(lanes, kNone) {}

  /// Adds entries of one lane in any order. Cheap when they are nearly in order and follow what the lane holds.
  void add(size_t lane, std::span<const Entry> fresh) {
    if (fresh.empty()) return;
    // Entries are large: their addresses are sorted.
    fresh_.clear();
    for (const Entry& e : fresh) fresh_.push_back(&e);
    const auto less = [](const Entry* a, const Entry* b) { return a->before(*b); };
    if (!std::is_sorted(fresh_.begin(), fresh_.end(), less)) std::sort(fresh_.begin(), fresh_.end(), less);
    size_ += fresh.size();
    if (latest_[lane] != kNone && !fresh_.front()->before(runs_[latest_[lane]].entries.back())) {
      append_fresh(runs_[latest_[lane]]);
      return;
    }
    if (free_.empty()) {
      free_.push_back(runs_.size());
      runs_.emplace_back();
    }
    const size_t run = free_.back();
    free_.pop_back();
    runs_[run].lane = lane;
    append_fresh(runs_[run]);
    latest_[lane] = run;
    heap_.push_back(run);
    std::push_heap(heap_.begin(), heap_.end(), later());
  }
  /// The first of all entries, or null. Valid until the next call of add().
  const Entry* front() const { return heap_.empty() ? nullptr : &runs_[heap_.front()].front(); }
  /// An entry that is likely to come `n` places behind front(), to be prefetched; or null.
  const Entry* ahead(size_t n) const {
    if (heap_.empty()) return nullptr;
    const Run& r = runs_[heap_.front()];
    return n < r.entries.size() - r.head ? &r.entries[r.head + n] : nullptr;
  }
  /// Takes what front() gave last; it stays readable until the next call of add().
  void pop() {
    size_--;
    const size_t run = heap_.front();
    Run& r = runs_[run];
    r.head++;
    if (heap_.size() == 1 && !r.empty()) return;
    std::pop_heap(heap_.begin(), heap_.end(), later());  // looks at all but the first
    if (!r.empty()) return std::push_heap(heap_.begin(), heap_.end(), later());
    heap_.pop_back();
    free_.push_back(run);
    if (latest_[r.lane] == run) latest_[r.lane] = kNone;
  }
  size_t size() const { return size_; }

 private:
  static constexpr size_t kNone = static_cast<size_t>(-1);

  /// Entries in order; those before `head` are taken.
  struct Run {
    std::vector<Entry> entries;
    size_t head = 0;
    size_t lane = 0;

    bool empty() const { return head == entries.size(); }
    const Entry& front() const { return entries[head]; }
  };
  /// The order of the heap, with the earliest entry on top.
  auto later() const {
    return [this](size_t a, size_t b) { return runs_[b].front().before(runs_[a].front()); };
  }
  void append_fresh(Run& run) {
    if (run.head * 2 >= run.entries.size()) {
      run.entries.erase(run.entries.begin(), run.entries.begin() + static_cast<std::ptrdiff_t>(run.head));
      run.head = 0;
    }
    for (const Entry* e : fresh_) run.entries.push_back(*e);
  }

  std::vector<const Entry*> fresh_;  // what add() is given, in order
  std::vector<Run> runs_;
  std::vector<size_t> heap_;    // of runs that are not empty, by their first entries
  std::vector<size_t> free_;    // runs without entries
  std::vector<size_t> latest_;  // by lane: the run that the next entries may join; kNone: none
  size_t size_ = 0;
};

}  // namespace sensor
