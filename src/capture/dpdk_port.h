// One DPDK port: configured, started, asked, stopped.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "sensor/base/result.h"
#include "sensor/capture/dpdk.h"

struct rte_eth_dev_info;
struct rte_mempool;

namespace sensor {

/// Since the first call of DpdkPort::count().
struct PortStatistics {
  uint64_t received = 0;  // dropped ones not included
  uint64_t missed = 0, no_buffer = 0, damaged = 0;
};

class DpdkPort {
 public:
  /// Configures and starts it, with a queue for every worker where it can share packets out as the options want, with one otherwise.
  /// Error: the step, what DPDK said, the remedy.
  static Result<std::unique_ptr<DpdkPort>> open(uint16_t id, const DpdkOptions& options, size_t workers);
  ~DpdkPort();
  DpdkPort(const DpdkPort&) = delete;
  DpdkPort& operator=(const DpdkPort&) = delete;

  uint16_t id() const { return id_; }
  const std::string& name() const { return name_; }
  /// Worker i reads queue i; otherwise there is one queue, to be shared out.
  bool has_queue_for_every_worker() const { return own_queues_; }
  uint16_t queue_packets() const { return queue_packets_; }

  /// It was asked for receive interrupts (IdleMode::Interrupt), and every queue has one.
  bool has_interrupts() const { return interrupts_; }

  /// One thread at a time.
  PortStatistics count();
  bool link_up() const;

 private:
  DpdkPort(uint16_t id, std::string name, int socket) : id_(id), socket_(socket), name_(std::move(name)) {}

  Status choose_queues(const rte_eth_dev_info& info, const DpdkOptions& options, size_t workers);
  Status start(const rte_eth_dev_info& info, const DpdkOptions& options, size_t workers);
  Status configure(const rte_eth_dev_info& info, const DpdkOptions& options);
  Status make_buffers(const DpdkOptions& options, size_t workers);
  Status set_up_queues(const rte_eth_dev_info& info);
  Status listen_to_all(bool promiscuous);
  bool queues_interrupt() const;
  void share_out_evenly(const rte_eth_dev_info& info);
  Error failed(std::string_view step, int code, std::string_view remedy) const;

  uint16_t id_;
  int socket_;  // NUMA node
  std::string name_;
  bool own_queues_ = false, hashed_ = false, interrupts_ = false, started_ = false, promiscuous_ = false;
  uint16_t queues_ = 1, send_queues_ = 1, queue_packets_ = 0, send_packets_ = 0;
  uint16_t buffer_bytes_ = 0;
  uint64_t offloads_ = 0;
  rte_mempool* buffers_ = nullptr;
  bool counted_ = false;
  PortStatistics before_;  // what the port counted before the first worker asked
};

}  // namespace sensor
