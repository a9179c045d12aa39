#include "sensor/worker/live_run.h"

#include <pthread.h>

#include <algorithm>
#include <cassert>
#include <chrono>
#include <string>

namespace sensor {
namespace {

/// After the intake was closed, a queue is read until it is empty, and no longer than this; what is left then is counted, which takes a
/// moment.
constexpr std::chrono::seconds kDrainTime{2}, kCountTime{1};

}  // namespace

LiveRun::LiveRun(std::vector<LiveSource*> queues, std::span<const std::unique_ptr<Worker>> workers)
    : queues_(std::move(queues)), workers_(workers), reached_(new std::atomic<TimeNs>[queues_.size()]()) {}

LiveRun::~LiveRun() {
  stop();
  join();
}

void LiveRun::start() {
  assert(queues_.size() == workers_.size() && threads_.empty());
  for (size_t i = 0; i < queues_.size(); i++) {
    threads_.emplace_back([this, i] { work(i); });
    ::pthread_setname_np(threads_.back().native_handle(), ("worker " + std::to_string(i)).c_str());
  }
}

void LiveRun::join() {
  for (std::thread& t : threads_)
    if (t.joinable()) t.join();
}

/// Handles what is there; false when nothing was.
bool LiveRun::step(size_t i) {
  LiveSource& queue = *queues_[i];
  Worker& worker = *workers_[i];
  const PacketBatch batch = queue.poll();
  if (batch.empty()) {
    worker.advance(queue.horizon());
  } else {
    worker.process(batch.packets(), nullptr);
  }
  reached_[i].store(worker.clock(), std::memory_order_relaxed);
  return !batch.empty();
}

bool LiveRun::skip(LiveSource& queue) {
  const PacketBatch batch = queue.poll();
  left_.fetch_add(batch.packets().size(), std::memory_order_relaxed);
  return !batch.empty();
}

DurationNs LiveRun::lag(TimeNs now) const {
  DurationNs longest = 0;
  for (size_t i = 0; i < queues_.size(); i++) longest = std::max(longest, lag(now, i));
  return longest;
}

DurationNs LiveRun::lag(TimeNs now, size_t i) const {
  const TimeNs t = reached_[i].load(std::memory_order_relaxed);
  return t == 0 ? 0 : std::max<DurationNs>(0, now - t);
}

void LiveRun::work(size_t i) {
  LiveSource& queue = *queues_[i];
  workers_[i]->make_ready();
  while (!stop_.load(std::memory_order_relaxed) && queue.state() == PacketSource::State::Running) step(i);
  if (queue.state() == PacketSource::State::Failed) failed_.fetch_add(1, std::memory_order_relaxed);
  queue.close_intake();
  const auto until_empty = [](std::chrono::seconds longest, auto read) {
    const auto deadline = std::chrono::steady_clock::now() + longest;
    // The wait of an empty poll may have ended because a block came.
    for (int empty = 0; empty < 2 && std::chrono::steady_clock::now() < deadline;) empty = read() ? 0 : empty + 1;
    return std::chrono::steady_clock::now() < deadline;
  };
  if (!until_empty(kDrainTime, [&] { return step(i); })) (void)until_empty(kCountTime, [&] { return skip(queue); });
  workers_[i]->finish();
}

}  // namespace sensor
