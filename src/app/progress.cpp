#include <fmt/format.h>
#include <pthread.h>

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "sensor/app/summary.h"

namespace sensor {

class ProgressLine::Impl {
 public:
  Impl(std::function<std::string()> place, const StatsCollector& stats)
      : place_(std::move(place)), stats_(stats), thread_([this](std::stop_token stop) { run(stop); }) {
    ::pthread_setname_np(thread_.native_handle(), "progress");
  }
  ~Impl() {
    thread_.request_stop();
    thread_.join();
    if (drawn_) std::fputs("\r\x1b[K", stderr);
  }

 private:
  void run(const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    while (!wake_.wait_for(lock, stop, std::chrono::milliseconds(200), [&] { return stop.stop_requested(); })) draw();
  }

  void draw() {
    const uint64_t packets = stats_.get(StatsCounter::Packets);
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
    fmt::print(stderr, "\r\x1b[K{}, {}packets, {}packets/s, {}connections open", place_(), short_number(static_cast<double>(packets)),
               short_number(static_cast<double>(packets) / seconds),
               short_number(static_cast<double>(stats_.get(StatsCounter::ConnectionsOpened) - stats_.get(StatsCounter::ConnectionsEnded))));
    std::fflush(stderr);
    drawn_ = true;
  }

  const std::function<std::string()> place_;
  const StatsCollector& stats_;
  const std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  bool drawn_ = false;
  std::mutex mutex_;
  std::condition_variable_any wake_;
  std::jthread thread_;
};

ProgressLine::ProgressLine(std::function<std::string()> place, const StatsCollector& stats)
    : impl_(std::make_unique<Impl>(std::move(place), stats)) {}
ProgressLine::~ProgressLine() = default;

}  // namespace sensor
