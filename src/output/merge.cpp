#include "merge.h"

#include <algorithm>

namespace sensor {
namespace {

constexpr size_t kMaxSpares = 64;

}  // namespace

bool RecordMerger::Entry::before_if_due_together(const Entry& o) const {
  if (key != o.key) return key < o.key;
  if (key.prefix == 0) {
    if (log != o.log) return log_by_id(log)->path < log_by_id(o.log)->path;
    const auto order = as_chars(fields).compare(as_chars(o.fields));
    if (order != 0) return order < 0;
  }
  return sequence < o.sequence;
}

void RecordMerger::index(Held& held) {
  fresh_.clear();
  RecordCursor cursor(held.batch->bytes());
  RecordHeader h;
  Bytes fields;
  while (cursor.next(h, fields)) {
    if (log_by_id(h.log) == nullptr) break;
    fresh_.push_back({h.due_ns, h.key, h.sequence, fields, &held, h.log});
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
  index(*held);
  malformed_ += held->batch->size() - fresh_.size();
  held->left = fresh_.size();
  merge_.add(lane, fresh_);
  if (held->left == 0) release(held);
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

TimeNs RecordMerger::next_due_ns() {
  const Entry* e = merge_.front();
  return e == nullptr ? kNoDueTime : e->due_ns;
}

bool RecordMerger::pop(TimeNs limit_ns, Record& out) {
  if (given_ != nullptr && --given_->left == 0) release(given_);
  given_ = nullptr;
  const Entry* e = merge_.front();
  if (e == nullptr || e->due_ns >= limit_ns) return false;
  if (e->due_ns < last_due_) late_++;
  last_due_ = std::max(last_due_, e->due_ns);
  out = {e->log, e->due_ns, e->fields};
  given_ = e->held;
  merge_.pop();
  return true;
}

}  // namespace sensor
