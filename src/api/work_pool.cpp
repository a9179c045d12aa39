#include "work_pool.h"

#include <pthread.h>

namespace sensor {

void WorkPool::start() {
  for (size_t i = 0; i < threads_; i++) {
    running_.emplace_back([this] { run(); });
    ::pthread_setname_np(running_.back().native_handle(), "api");
  }
}

bool WorkPool::submit(std::function<void()> job) {
  {
    std::lock_guard lock(mutex_);
    if (ending_ || jobs_.size() >= waiting_) return false;
    jobs_.push_back(std::move(job));
  }
  wake_.notify_one();
  return true;
}

void WorkPool::end() {
  {
    std::lock_guard lock(mutex_);
    ending_ = true;
  }
  wake_.notify_all();
  running_.clear();
}

void WorkPool::run() {
  std::unique_lock lock(mutex_);
  while (true) {
    wake_.wait(lock, [this] { return ending_ || !jobs_.empty(); });
    if (jobs_.empty()) return;
    const auto job = std::move(jobs_.front());
    jobs_.pop_front();
    lock.unlock();
    job();
    lock.lock();
  }
}

}  // namespace sensor
