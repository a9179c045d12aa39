// How a worker hands records to the log thread: binary, in batches, without formatting and without allocating.
#pragma once

#include <atomic>
#include <cstdint>
#include <limits>
#include <memory>

#include "sensor/base/byte_reader.h"
#include "sensor/record/encoder.h"
#include "sensor/record/schema.h"

namespace sensor {

/// Bytes of records in one batch; no record can be larger.
inline constexpr size_t kRecordBatchBytes = 64 * 1024;
/// A batch that no record was written to has this as its earliest due time.
inline constexpr TimeNs kNoDueTime = std::numeric_limits<TimeNs>::max();

/// Identifies a log within this process. Given out in the order in which logs are first written to; not stable between runs.
using LogId = uint16_t;
/// At most this many kinds of log.
inline constexpr LogId kMaxLogs = 256;
/// The id of a log; the same LogInfo always gets the same one. Any thread.
LogId log_id(const LogInfo& log);
/// The log with this id, or null when there is none. Any thread.
const LogInfo* log_by_id(LogId id);

/// What stands before every record of a batch.
struct RecordHeader {
  /// The encoded size: length (4), log (2), due (8), key (13), sequence (8).
  static constexpr size_t kSize = 35;

  uint32_t length = 0;  // bytes of the whole record, header included
  LogId log = 0;
  TimeNs due_ns = 0;      // packet time at which the record became due
  Uid key;                // uid of its connection; unset where there is none
  uint64_t sequence = 0;  // counts the records of one writer
};

/// A run of encoded records in a buffer of fixed size. Filled by one thread, then handed to another.
class RecordBatch {
 public:
  Bytes bytes() const { return Bytes(data_).first(size_); }
  bool empty() const { return size_ == 0; }
  /// Records.
  uint64_t size() const { return records_; }
  /// The earliest due time in the batch; kNoDueTime when it is empty.
  TimeNs min_due_ns() const { return min_due_; }
  void clear() {
    size_ = 0;
    records_ = 0;
    min_due_ = kNoDueTime;
  }

 private:
  friend class RecordWriter;

  std::array<uint8_t, kRecordBatchBytes> data_;
  size_t size_ = 0;
  uint32_t records_ = 0;
  TimeNs min_due_ = kNoDueTime;
};

/// Where full batches go and empty ones come from. The log thread's end of a worker implements it.
class RecordSink {
 public:
  virtual ~RecordSink() = default;
  /// Takes a batch with records and returns an empty one. Never null. May wait (replay) or drop the batch and count it (live).
  virtual std::unique_ptr<RecordBatch> exchange(std::unique_ptr<RecordBatch> full) = 0;
  /// Every record due before this packet time has been handed over; never goes back.
  virtual void publish_watermark(TimeNs watermark_ns) = 0;
  /// True when the log thread waits for this worker's records. One relaxed load.
  virtual bool flush_wanted() const = 0;
};

/// Writes records in binary form. A worker owns one; it is not shared.
/// Record order: the log thread merges by (due, key, order of writing).
class RecordWriter {
 public:
  /// The sink outlives the writer.
  RecordWriter(RecordSink& sink, std::unique_ptr<RecordBatch> first) : sink_(&sink), batch_(std::move(first)) {}
  RecordWriter(const RecordWriter&) = delete;
  RecordWriter& operator=(const RecordWriter&) = delete;

  /// `due` is the packet time at which the record became due (a timeout: its deadline); `key` the uid of its connection.
  /// A record that does not fit into a batch of its own is left out and counted.
  template <class Record>
  void write(TimeNs due, const Uid& key, const Record& record) {
    static const LogId id = log_id(log_info<Record>());
    if (try_write(id, due, key, record)) return;
    flush();
    if (!try_write(id, due, key, record)) too_large_.store(records_too_large() + 1, std::memory_order_relaxed);
  }

  /// Promises that no record due before `now` will be written any more, and hands over what is held when the log thread waits for it.
  /// Called by the worker once per burst, after the burst, and when time passes without packets.
  void advance(TimeNs now);
  /// Hands over what is held.
  void flush();

  /// Records written, those that were too large not included. Any thread.
  uint64_t records_written() const { return written_.load(std::memory_order_relaxed); }
  /// Records that no batch could hold. Any thread.
  uint64_t records_too_large() const { return too_large_.load(std::memory_order_relaxed); }

 private:
  template <class Record>
  bool try_write(LogId id, TimeNs due, const Uid& key, const Record& record) {
    RecordEncoder out(std::span(batch_->data_).subspan(batch_->size_));
    out.skip(RecordHeader::kSize);
    encode_fields(out, record);
    return out.ok() && commit(id, due, key, out.size());
  }
  bool commit(LogId id, TimeNs due, const Uid& key, size_t length);

  RecordSink* sink_;
  std::unique_ptr<RecordBatch> batch_;
  TimeNs watermark_ = std::numeric_limits<TimeNs>::min();
  uint64_t sequence_ = 0;
  std::atomic<uint64_t> written_{0};
  std::atomic<uint64_t> too_large_{0};
};

}  // namespace sensor
