// Receive interrupts of DPDK ports, and the idle time of a thread that reads them.
#pragma once

#include <atomic>
#include <memory>
#include <vector>

#include "dpdk_idle.h"
#include "file_descriptor.h"
#include "sensor/base/result.h"

namespace sensor {

/// Those of the queues that one thread reads (rte_eth_dev_rx_intr_ctl_q and its like).
class DpdkInterrupts {
 public:
  struct Queue {
    uint16_t port = 0, queue = 0;
  };

  /// Of ports that were started with interrupts asked for (intr_conf.rxq). Error{RunTime}: a queue has none. Not armed.
  static Result<std::unique_ptr<DpdkInterrupts>> open(const std::vector<Queue>& queues);
  /// Before the ports are stopped.
  ~DpdkInterrupts();
  DpdkInterrupts(const DpdkInterrupts&) = delete;
  DpdkInterrupts& operator=(const DpdkInterrupts&) = delete;

  /// False: not all of them can be armed now.
  bool arm();
  void disarm();
  /// Until one comes, LiveSource::kMaxWait at most. False: none came.
  bool wait();

 private:
  explicit DpdkInterrupts(int epoll) : epoll_(epoll) {}

  Status add(Queue queue);

  FileDescriptor epoll_;
  std::vector<Queue> queues_;
};

/// One thread's. Everything but waits() belongs to it.
class DpdkRest {
 public:
  explicit DpdkRest(IdleMode mode, std::unique_ptr<DpdkInterrupts> interrupts = nullptr)
      : idle_(mode), interrupts_(std::move(interrupts)) {}

  void packets_came() {
    if (idle_.packets_came()) interrupts_->disarm();
  }
  /// Returns when it is time to look again.
  void nothing_came();
  /// How often the thread waited for an interrupt. Any thread.
  uint64_t waits() const { return waits_.load(std::memory_order_relaxed); }

 private:
  DpdkIdle idle_;
  std::unique_ptr<DpdkInterrupts> interrupts_;  // null: the mode does without
  bool all_armed_ = false;
  std::atomic<uint64_t> waits_{0};
};

}  // namespace sensor
