// Several streams, each nearly in order, as one in order.
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

namespace sensor {

/// Entry: copyable, with a member before(other) that is a strict weak order. Belongs to one thread.
/// Holds what was added until it is taken; the caller decides how far the merge may go (a watermark).
template <class Entry>
class OrderedMerge {
 public:
  explicit OrderedMerge(size_t lanes) : lanes_(lanes) {}

  /// Adds entries of one lane in any order; sorts `fresh` in place. Cheap when they are nearly in order and follow what the lane holds.
  void add(size_t lane_index, std::vector<Entry>& fresh) {
    if (fresh.empty()) return;
    const auto less = [](const Entry& a, const Entry& b) { return a.before(b); };
    if (!std::is_sorted(fresh.begin(), fresh.end(), less)) std::sort(fresh.begin(), fresh.end(), less);
    Lane& lane = lanes_[lane_index];
    if (lane.head * 2 >= lane.entries.size()) {
      lane.entries.erase(lane.entries.begin(), lane.entries.begin() + static_cast<std::ptrdiff_t>(lane.head));
      lane.head = 0;
    }
    const auto old = static_cast<std::ptrdiff_t>(lane.entries.size());
    const bool in_order = lane.empty() || !fresh.front().before(lane.entries.back());
    lane.entries.insert(lane.entries.end(), fresh.begin(), fresh.end());
    size_ += fresh.size();
    if (!in_order) {
      const auto first = lane.entries.begin();
      std::inplace_merge(first + static_cast<std::ptrdiff_t>(lane.head), first + old, lane.entries.end(), less);
    }
  }
  /// The first of all entries, or null. Valid until the next call of add().
  const Entry* front() {
    best_ = lanes_.size();
    for (size_t i = 0; i < lanes_.size(); i++) {
      if (!lanes_[i].empty() && (best_ == lanes_.size() || lanes_[i].front().before(lanes_[best_].front()))) best_ = i;
    }
    return best_ == lanes_.size() ? nullptr : &lanes_[best_].front();
  }
  /// Takes what front() gave last; it stays readable until the next call of add().
  void pop() {
    lanes_[best_].head++;
    size_--;
  }
  size_t size() const { return size_; }

 private:
  /// Entries in order; those before `head` are taken.
  struct Lane {
    std::vector<Entry> entries;
    size_t head = 0;

    bool empty() const { return head == entries.size(); }
    const Entry& front() const { return entries[head]; }
  };

  std::vector<Lane> lanes_;
  size_t best_ = 0;
  size_t size_ = 0;
};

}  // namespace sensor
