// The workers' records in one order.
#pragma once

#include <memory>
#include <vector>

#include "sensor/base/ordered_merge.h"
#include "sensor/record/decoder.h"

namespace sensor {

/// Holds batches until their records' turn has come, and gives the records out by (due, key, order of writing). Records without a key
/// that are due at the same time come in the order of their log's name and their bytes, because two workers may write them. So the
/// order does not depend on how connections were spread over the lanes. Belongs to the log thread.
class RecordMerger {
 public:
  struct Record {
    LogId log = 0;
    TimeNs due_ns = 0;
    Bytes fields;  // valid until the next call of any member
  };

  explicit RecordMerger(size_t lanes) : merge_(lanes) {}

  /// Takes the records of one lane's batch. Bytes that are no record end the batch; the rest of it is counted as malformed.
  void add(size_t lane, std::unique_ptr<RecordBatch> batch);
  /// The next record if it is due before `limit_ns`.
  bool pop(TimeNs limit_ns, Record& out);
  /// A batch whose records have all been given out, or null. Keeps at most a few.
  std::unique_ptr<RecordBatch> take_spare();

  /// Due time of the record that pop() would give; kNoDueTime when nothing is held.
  TimeNs next_due_ns();
  size_t held_batches() const { return held_batches_; }
  size_t held_records() const { return merge_.size(); }
  /// Records that were written earlier than one that was given out before them.
  uint64_t late_records() const { return late_; }
  uint64_t malformed_records() const { return malformed_; }

 private:
  struct Held {
    std::unique_ptr<RecordBatch> batch;
    size_t left = 0;  // records not given out
  };
  struct Entry {
    TimeNs due_ns;
    Uid key;
    uint64_t sequence;
    Bytes fields;
    Held* held;
    LogId log;

    bool before(const Entry& o) const { return due_ns != o.due_ns ? due_ns < o.due_ns : before_if_due_together(o); }
    bool before_if_due_together(const Entry& o) const;
  };

  void index(Held& held);
  void release(Held* held);

  OrderedMerge<Entry> merge_;
  std::vector<Entry> fresh_;
  std::vector<std::unique_ptr<Held>> holders_;
  std::vector<Held*> free_holders_;
  std::vector<std::unique_ptr<RecordBatch>> spares_;
  Held* given_ = nullptr;  // holds the record that pop() gave last
  size_t held_batches_ = 0;
  TimeNs last_due_ = std::numeric_limits<TimeNs>::min();
  uint64_t late_ = 0;
  uint64_t malformed_ = 0;
};

}  // namespace sensor
