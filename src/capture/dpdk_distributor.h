// Shares out the packets of ports that cannot do it themselves: one thread reads them and gives each to a worker, over a ring.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "dpdk_interrupts.h"
#include "sensor/base/queue_depth.h"
#include "sensor/base/result.h"
#include "sensor/base/time.h"
#include "wall_clock.h"

struct rte_mbuf;
struct rte_ring;

namespace sensor {

class DpdkDistributor {
 public:
  struct Port {
    uint16_t id = 0;
    uint16_t queue_packets = 0;
  };

  /// `prepare` is called first in its thread. Error{RunTime}: no memory for the rings.
  static Result<std::unique_ptr<DpdkDistributor>> create(std::vector<Port> ports, size_t workers, uint32_t ring_packets, IdleMode idle,
                                                         std::unique_ptr<DpdkInterrupts> interrupts, std::function<void()> prepare);
  ~DpdkDistributor();

  /// Any thread, any number of times: the first call starts it.
  void start();
  /// Any thread, any number of times: takes what the ports' queues hold, then ends the thread.
  void stop();

  /// Worker `w`'s thread. Packets carry their timestamps; they belong to the caller.
  size_t take(size_t worker, rte_mbuf** out, size_t max);
  /// Everything older has been put into the rings. Any thread.
  TimeNs settled() const { return settled_.load(std::memory_order_acquire); }
  /// Packets that found worker `w`'s ring full. Any thread.
  uint64_t dropped(size_t worker) const { return workers_[worker]->dropped.load(std::memory_order_relaxed); }

  /// Of worker `w`'s ring, in packets. Any thread.
  QueueDepth depth(size_t worker) const;

  /// As DpdkRest::waits(). Any thread.
  uint64_t waits() const { return rest_.waits(); }

  /// The timestamp of a packet from take().
  TimeNs timestamp(const rte_mbuf* packet) const;

 private:
  static constexpr size_t kBurst = 64;

  struct Worker {
    rte_ring* ring = nullptr;
    std::atomic<uint64_t> dropped{0};
    std::vector<rte_mbuf*> out;  // of the burst at hand
  };

  DpdkDistributor(std::vector<Port> ports, IdleMode idle, std::unique_ptr<DpdkInterrupts> interrupts, std::function<void()> prepare)
      : ports_(std::move(ports)), rest_(idle, std::move(interrupts)), prepare_(std::move(prepare)) {}

  void run();
  size_t share_out(uint16_t port);

  std::vector<Port> ports_;
  DpdkRest rest_;
  std::function<void()> prepare_;
  int timestamp_offset_ = -1;
  PacketClock clock_;
  std::vector<std::unique_ptr<Worker>> workers_;
  std::atomic<TimeNs> settled_{0};
  std::atomic<bool> stop_{false};
  std::mutex mutex_;  // of thread_
  std::thread thread_;
};

}  // namespace sensor
