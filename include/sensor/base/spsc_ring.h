// A bounded single-producer single-consumer ring of movable values.
#pragma once

#include <readerwriterqueue/readerwritercircularbuffer.h>

#include <chrono>
#include <cstddef>
#include <utility>

namespace sensor {

/// Exactly one thread pushes and one thread pops; the capacity is fixed when the ring is made.
template <class T>
class SpscRing {
 public:
  explicit SpscRing(size_t capacity) : q_(capacity) {}

  /// Moves from `value` and returns true, or leaves it alone and returns false when the ring is full.
  bool try_push(T&& value) { return q_.try_enqueue(std::move(value)); }
  /// Waits until there is room.
  void push(T&& value) { q_.wait_enqueue(std::move(value)); }
  bool try_pop(T& out) { return q_.try_dequeue(out); }
  /// Waits at most `limit`; false when nothing came.
  bool pop_for(T& out, std::chrono::microseconds limit) { return q_.wait_dequeue_timed(out, limit); }
  void pop(T& out) { q_.wait_dequeue(out); }
  /// An estimate while the other side is at work.
  size_t size_approx() const { return q_.size_approx(); }
  size_t capacity() const { return q_.max_capacity(); }

 private:
  moodycamel::BlockingReaderWriterCircularBuffer<T> q_;
};

}  // namespace sensor
