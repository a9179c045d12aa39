#include "merge.h"

#include <algorithm>
#include <cassert>

namespace sensor {
namespace {

constexpr size_t kMaxSpares = 64;

}  // namespace

bool RecordMerger::before(const Entry& a, const Entry& b) {
  if (a.due_ns != b.due_ns) return a.due_ns < b.due_ns;
  if (a.key != b.key) return a.key < b.key;
  if (a.key.prefix == 0) {
    if (a.log != b.log) return a.log->path < b.log->path;
    const auto order = as_chars(a.fields).compare(as_chars(b.fields));
    if (order != 0) return order < 0;
  }
  return a.sequence < b.sequence;
}

void RecordMerger::index(Held& held, std::vector<Entry>& out) {
  RecordCursor cursor(held.batch->bytes());
  RecordHeader h;
  Bytes fields;
  while (cursor.next(h, fields)) {
    const LogInfo* log = log_by_id(h.log);
    if (log == nullptr) break;
    out.push_back({h.due_ns, h.key, h.sequence, log, fields, &held});
  }
}

void RecordMerger::append_sorted(Lane& lane, std::vector<Entry>& fresh) {
  if (!std::is_sorted(fresh.begin(), fresh.end(), before)) std::sort(fresh.begin(), fresh.end(), before);
  if (lane.head > 0 && lane.head * 2 >= lane.entries.size()) {
    lane.entries.erase(lane.entries.begin(), lane.entries.begin() + static_cast<std::ptrdiff_t>(lane.head));
    lane.head = 0;
  }
  const auto old = static_cast<std::ptrdiff_t>(lane.entries.size());
  const bool in_order = lane.empty() || !before(fresh.front(), lane.entries.back());
  lane.entries.insert(lane.entries.end(), fresh.begin(), fresh.end());
  if (!in_order) {
    const auto first = lane.entries.begin();
    std::inplace_merge(first + static_cast<std::ptrdiff_t>(lane.head), first + old, lane.entries.end(), before);
  }
}

void RecordMerger::add(size_t lane, std::unique_ptr<RecordBatch> batch) {
  if (free_holders_.empty()) {
    holders_.push_back(std::make_unique<Held>());
    free_holders_.push_back(holders_.back().get());
  }
  Held* held = free_holders_.back();
  free_holders_.pop_back();
  held->batch = std::move(batch);
  held_batches_++;
  fresh_.clear();
  index(*held, fresh_);
  malformed_ += held->batch->records() - fresh_.size();
  held->left = fresh_.size();
  held_records_ += fresh_.size();
  if (fresh_.empty()) {
    release(held);
  } else {
    append_sorted(lanes_[lane], fresh_);
  }
}

void RecordMerger::release(Held* held) {
  held->batch->clear();
  if (spares_.size() < kMaxSpares) spares_.push_back(std::move(held->batch));
  held->batch.reset();
  free_holders_.push_back(held);
  held_batches_--;
}

std::unique_ptr<RecordBatch> RecordMerger::take_spare() {
  if (spares_.empty()) return nullptr;
  auto b = std::move(spares_.back());
  spares_.pop_back();
  return b;
}

size_t RecordMerger::first_lane() const {
  size_t best = lanes_.size();
  for (size_t i = 0; i < lanes_.size(); i++) {
    if (!lanes_[i].empty() && (best == lanes_.size() || before(lanes_[i].front(), lanes_[best].front()))) best = i;
  }
  return best;
}

TimeNs RecordMerger::next_due_ns() const {
  const size_t i = first_lane();
  return i == lanes_.size() ? kNoDueTime : lanes_[i].front().due_ns;
}

bool RecordMerger::pop(TimeNs limit_ns, Record& out) {
  if (given_ != nullptr && --given_->left == 0) release(given_);
  given_ = nullptr;
  const size_t i = first_lane();
  if (i == lanes_.size() || lanes_[i].front().due_ns >= limit_ns) return false;
  const Entry& e = lanes_[i].entries[lanes_[i].head++];
  held_records_--;
  if (e.due_ns < last_due_) late_++;
  last_due_ = std::max(last_due_, e.due_ns);
  out = {e.log, e.due_ns, e.fields};
  given_ = e.held;
  return true;
}

}  // namespace sensor
