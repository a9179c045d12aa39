// A few threads for requests that take a while.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace sensor {

/// Jobs wait in a bounded queue.
class WorkPool {
 public:
  WorkPool(size_t threads, size_t waiting) : threads_(threads), waiting_(waiting) {}
  ~WorkPool() { end(); }

  void start();
  /// False: too many wait.
  bool submit(std::function<void()> job);
  /// Does what is waiting, and ends.
  void end();

 private:
  void run();

  const size_t threads_, waiting_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::function<void()>> jobs_;
  bool ending_ = false;
  std::vector<std::jthread> running_;
};

}  // namespace sensor
