// One writer's way to the log thread: a ring of full batches there, a ring of empty ones back.
#pragma once

#include <atomic>
#include <condition_variable>
#include <mutex>

#include "sensor/base/spsc_ring.h"
#include "sensor/record/record_writer.h"

namespace sensor {

/// Wakes the log thread. Any thread rings; one thread waits.
class Doorbell {
 public:
  void ring() {
    {
      std::lock_guard lock(mutex_);
      rung_ = true;
    }
    wake_.notify_one();
  }
  /// Returns when the bell rang since the last call, or after `limit`; true when it rang.
  bool wait(std::chrono::milliseconds limit) {
    std::unique_lock lock(mutex_);
    const bool rang = wake_.wait_for(lock, limit, [this] { return rung_; });
    rung_ = false;
    return rang;
  }

 private:
  std::mutex mutex_;
  std::condition_variable wake_;
  bool rung_ = false;
};

/// The sink of one RecordWriter. The writer's thread calls the RecordSink members, the log thread the others.
class RecordLane final : public RecordSink {
 public:
  /// `wait_when_full`: the writer waits instead of dropping its batch.
  RecordLane(size_t ring_batches, bool wait_when_full, Doorbell& bell)
      : full_(ring_batches), empty_(ring_batches + kBatchesOutsideTheRings), bell_(&bell), wait_when_full_(wait_when_full) {
    for (size_t i = 0; i < ring_batches + kBatchesOutsideTheRings - 1; i++) (void)empty_.try_push(std::make_unique<RecordBatch>());
  }

  std::unique_ptr<RecordBatch> exchange(std::unique_ptr<RecordBatch> full) override {
    flush_wanted_.store(false, std::memory_order_relaxed);
    const uint32_t records = full->records();
    if (wait_when_full_.load(std::memory_order_relaxed)) {
      full_.push(std::move(full));
    } else if (!full_.try_push(std::move(full))) {
      dropped_records_.fetch_add(records, std::memory_order_relaxed);
      full->clear();
      return full;
    }
    bell_->ring();
    std::unique_ptr<RecordBatch> empty;
    empty_.pop(empty);  // there is one: the log thread gives one back for every batch before it takes the next
    return empty;
  }
  void publish_watermark(TimeNs t) override { watermark_.store(t, std::memory_order_release); }
  bool flush_wanted() const override { return flush_wanted_.load(std::memory_order_relaxed); }

  /// Read it before pop(): what was due earlier is in the ring by then.
  TimeNs watermark_ns() const { return watermark_.load(std::memory_order_acquire); }
  /// The next full batch; the caller must give_back() an empty one before it calls again.
  bool pop(std::unique_ptr<RecordBatch>& full) { return full_.try_pop(full); }
  void give_back(std::unique_ptr<RecordBatch> empty) { (void)empty_.try_push(std::move(empty)); }
  /// From now on nothing is dropped: for the last batches, when the writer's thread has ended.
  void wait_when_full() { wait_when_full_.store(true, std::memory_order_relaxed); }
  void want_flush() { flush_wanted_.store(true, std::memory_order_relaxed); }
  /// Any thread.
  uint64_t dropped_records() const { return dropped_records_.load(std::memory_order_relaxed); }

 private:
  /// One in the writer's hands, one in the log thread's.
  static constexpr size_t kBatchesOutsideTheRings = 2;

  SpscRing<std::unique_ptr<RecordBatch>> full_, empty_;
  Doorbell* bell_;
  std::atomic<bool> wait_when_full_;
  alignas(64) std::atomic<TimeNs> watermark_{std::numeric_limits<TimeNs>::min()};
  std::atomic<uint64_t> dropped_records_{0};
  alignas(64) std::atomic<bool> flush_wanted_{false};
};

}  // namespace sensor
