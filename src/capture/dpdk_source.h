// One worker's queue of packets from DPDK ports.
#pragma once

#include <array>
#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "bpf_filter.h"
#include "dpdk_distributor.h"
#include "dpdk_interrupts.h"
#include "dpdk_port.h"
#include "sensor/capture/dpdk.h"
#include "wall_clock.h"

namespace sensor {

/// What the workers' queues share. The last of them stops the ports.
struct DpdkCapture {
  DpdkOptions options;
  std::vector<cpu_set_t> cores;  // named for worker 0, 1, … and the distributor; empty: not pinned
  cpu_set_t all_cores;
  std::vector<std::unique_ptr<DpdkPort>> ports;
  std::unique_ptr<DpdkDistributor> distributor;  // null: every port has a queue for every worker
  std::atomic<size_t> being_read{0};             // workers' queues that were not found empty after their intake was closed

  /// Pins the calling thread, number `i`, and lets it use the buffers' caches. In a thread that polls, first of all.
  void prepare_thread(size_t i) const;
};

class DpdkSource final : public LiveSource {
 public:
  static constexpr size_t kBurst = 64;

  DpdkSource(std::shared_ptr<DpdkCapture> capture, size_t worker, BpfFilter filter, IdleMode idle,
             std::unique_ptr<DpdkInterrupts> interrupts);
  ~DpdkSource() override;

  PacketBatch poll() override;
  State state() const override { return State::Running; }
  const Error& error() const override { return error_; }
  TimeNs horizon() const override { return horizon_; }
  void close_intake() override;
  Status set_filter(const std::string& filter) override;
  const CounterBlock<CaptureCounter>& counters() const override { return counters_; }
  QueueDepth depth() const override { return {waiting_.load(std::memory_order_relaxed), capacity_.load(std::memory_order_relaxed)}; }

 private:
  /// Room for a packet that is spread over several buffers: the largest that IP and a link layer make.
  static constexpr size_t kMaxSpreadBytes = (64 << 10) + 256;
  static constexpr uint64_t kUnlimited = UINT64_MAX;

  struct Queue {
    uint16_t port;
    uint64_t left;  // packets that may still be taken
  };

  void release(uint64_t token) override;
  size_t read_queues();
  size_t make_views(size_t n, bool stamped);
  PacketView view(size_t i, TimeNs ts);
  void tend(TimeNs now);
  void count_at_the_end();
  void count_ports();
  void look_at_links();
  void look_at_rings();
  void take_over_filter();

  std::shared_ptr<DpdkCapture> capture_;
  size_t worker_;
  BpfFilter filter_;
  std::vector<Queue> queues_;
  size_t next_queue_ = 0;
  DpdkRest rest_;  // gone before the ports are
  PacketClock clock_;
  bool prepared_ = false, closed_ = false, drained_ = false;
  std::array<rte_mbuf*, kBurst> held_{};
  std::array<PacketView, kBurst> packets_;
  std::unique_ptr<uint8_t[]> spread_;  // kMaxSpreadBytes for each packet of a burst; made when the first comes
  CounterBlock<CaptureCounter> counters_;
  std::atomic<size_t> waiting_{0}, capacity_{0};  // of the rings, at the last look
  TimeNs horizon_ = 0, tended_ = 0;
  std::vector<bool> link_up_;  // by port, when it was looked at last
  std::mutex wanted_mutex_;
  std::optional<std::string> wanted_filter_;  // not taken over yet
  Error error_;
};

}  // namespace sensor
