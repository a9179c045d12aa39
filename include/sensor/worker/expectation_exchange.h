// Expected connections on their way from worker to worker.
#pragma once

#include <atomic>
#include <memory>
#include <vector>

#include "sensor/base/spsc_ring.h"
#include "sensor/session/expectation.h"

namespace sensor {

/// Where the kernel or the card shares connections out by their ports, an announced connection may reach any worker: all are told. A ring
/// for each pair of workers; when it is full, the expectation is dropped and counted.
class ExpectationExchange {
 public:
  static constexpr size_t kRing = 256;

  explicit ExpectationExchange(size_t workers) : workers_(workers) {
    for (size_t i = 0; i < workers * workers; i++) rings_.push_back(std::make_unique<SpscRing<Expectation>>(kRing));
  }

  /// To all workers but `from`, in whose thread this is called. The file is not shared: it belongs to one worker's analyzers.
  void tell_others(size_t from, const Expectation& e) {
    for (size_t to = 0; to < workers_; to++) {
      if (to == from) continue;
      Expectation copy = e;
      copy.file = nullptr;
      if (!ring(from, to).try_push(std::move(copy))) dropped_.fetch_add(1, std::memory_order_relaxed);
    }
  }
  /// Calls f(const Expectation&) for what the others told worker `to`, in whose thread this is called.
  template <class F>
  void take(size_t to, F f) {
    Expectation e;
    for (size_t from = 0; from < workers_; from++)
      while (from != to && ring(from, to).try_pop(e)) f(e);
  }
  /// Expectations that a worker was not told of. Any thread.
  uint64_t dropped() const { return dropped_.load(std::memory_order_relaxed); }

 private:
  SpscRing<Expectation>& ring(size_t from, size_t to) { return *rings_[from * workers_ + to]; }

  size_t workers_;
  std::vector<std::unique_ptr<SpscRing<Expectation>>> rings_;
  std::atomic<uint64_t> dropped_{0};
};

}  // namespace sensor
