// How one thread hands batches to another: full ones there, empty ones back.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <limits>
#include <memory>
#include <mutex>

#include "sensor/base/spsc_ring.h"
#include "sensor/base/time.h"

namespace sensor {

/// Wakes a thread. Any thread rings; one thread waits.
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

/// A pair of rings with a watermark. One thread fills, one reads; the number of batches is fixed.
/// Batch: default-constructible, clear(), size() in the unit that drops are counted in.
template <class Batch>
class BatchLane {
 public:
  /// `wait_when_full`: the filling thread waits instead of dropping its batch. The bell is rung when a quarter of the ring is full; until
  /// then the reader, which looks in now and then, need not be woken: that costs both threads more than the batch.
  BatchLane(size_t ring_batches, bool wait_when_full, Doorbell& bell)
      : full_(ring_batches), empty_(ring_batches + kOutsideTheRings), bell_(&bell), wait_when_full_(wait_when_full) {
    for (size_t i = 0; i < ring_batches + kOutsideTheRings - 1; i++) (void)empty_.try_push(std::make_unique<Batch>());
  }

  // Filling thread.

  /// Takes a batch and returns an empty one; never null.
  std::unique_ptr<Batch> exchange(std::unique_ptr<Batch> full) {
    flush_wanted_.store(false, std::memory_order_relaxed);
    const uint64_t size = full->size();
    if (wait_when_full_.load(std::memory_order_relaxed)) {
      full_.push(std::move(full));
    } else if (!full_.try_push(std::move(full))) {
      dropped_.fetch_add(size, std::memory_order_relaxed);
      full->clear();
      return full;
    }
    if (full_.size_approx() >= full_.capacity() / 4) bell_->ring();
    std::unique_ptr<Batch> empty;
    empty_.pop(empty);  // there is one: the reader gives one back for every batch before it takes the next
    return empty;
  }
  /// Everything due before this packet time has been handed over.
  void publish_watermark(TimeNs t) { watermark_.store(t, std::memory_order_release); }
  bool flush_wanted() const { return flush_wanted_.load(std::memory_order_relaxed); }
  /// From now on nothing is dropped: for the last batches.
  void wait_when_full() { wait_when_full_.store(true, std::memory_order_relaxed); }

  // Reading thread.

  /// Read it before pop(): what was due earlier is in the ring by then.
  TimeNs watermark_ns() const { return watermark_.load(std::memory_order_acquire); }
  /// The next full batch; the caller must give_back() a cleared one before it calls again.
  bool pop(std::unique_ptr<Batch>& full) { return full_.try_pop(full); }
  void give_back(std::unique_ptr<Batch> empty) { (void)empty_.try_push(std::move(empty)); }
  void want_flush() { flush_wanted_.store(true, std::memory_order_relaxed); }

  /// Sizes of the batches that were dropped. Any thread.
  uint64_t dropped() const { return dropped_.load(std::memory_order_relaxed); }

 private:
  /// One in the filling thread's hands, one in the reader's.
  static constexpr size_t kOutsideTheRings = 2;

  SpscRing<std::unique_ptr<Batch>> full_, empty_;
  Doorbell* bell_;
  std::atomic<bool> wait_when_full_;
  alignas(64) std::atomic<TimeNs> watermark_{std::numeric_limits<TimeNs>::min()};
  std::atomic<uint64_t> dropped_{0};
  alignas(64) std::atomic<bool> flush_wanted_{false};
};

}  // namespace sensor
