#include "dpdk_distributor.h"

#include <fmt/format.h>
#include <pthread.h>
#include <rte_errno.h>
#include <rte_ethdev.h>
#include <rte_mbuf.h>
#include <rte_mbuf_dyn.h>
#include <rte_ring.h>

#include <array>

#include "address_pair.h"
#include "dpdk_eal.h"

namespace sensor {

Result<std::unique_ptr<DpdkDistributor>> DpdkDistributor::create(std::vector<Port> ports, size_t workers, uint32_t ring_packets,
                                                                 IdleMode idle, std::unique_ptr<DpdkInterrupts> interrupts,
                                                                 std::function<void()> prepare) {
  std::unique_ptr<DpdkDistributor> d(new DpdkDistributor(std::move(ports), idle, std::move(interrupts), std::move(prepare)));
  uint64_t flag = 0;
  if (::rte_mbuf_dyn_rx_timestamp_register(&d->timestamp_offset_, &flag) != 0)
    return Error{Error::RunTime, fmt::format("DPDK's buffers have no room for a timestamp: {}{}; capture with one worker",
                                             ::rte_strerror(rte_errno), dpdk_said())};
  for (size_t i = 0; i < workers; i++) {
    auto& w = *d->workers_.emplace_back(std::make_unique<Worker>());
    w.out.reserve(kBurst);
    w.ring = ::rte_ring_create(fmt::format("sensor-worker{}", i).c_str(), ring_packets, SOCKET_ID_ANY, RING_F_SP_ENQ | RING_F_SC_DEQ);
    if (w.ring == nullptr)
      return Error{Error::RunTime,
                   fmt::format("cannot make a ring of {} packets for worker {}: {}{}; set dpdk.ring_packets to a lower power of two",
                               ring_packets, i, ::rte_strerror(rte_errno), dpdk_said())};
  }
  return d;
}

DpdkDistributor::~DpdkDistributor() {
  stop();
  for (size_t i = 0; i < workers_.size(); i++) {
    std::array<rte_mbuf*, kBurst> left;
    for (size_t n = 1; n != 0 && workers_[i]->ring != nullptr;) {
      n = take(i, left.data(), left.size());
      ::rte_pktmbuf_free_bulk(left.data(), static_cast<unsigned>(n));
    }
    ::rte_ring_free(workers_[i]->ring);
  }
}

void DpdkDistributor::start() {
  std::lock_guard lock(mutex_);
  if (thread_.joinable() || stop_.load(std::memory_order_relaxed)) return;
  thread_ = std::thread([this] { run(); });
  ::pthread_setname_np(thread_.native_handle(), "distributor");
}

void DpdkDistributor::stop() {
  stop_.store(true, std::memory_order_relaxed);
  std::lock_guard lock(mutex_);
  if (thread_.joinable()) thread_.join();
}

void DpdkDistributor::run() {
  prepare_();
  while (!stop_.load(std::memory_order_relaxed)) {
    const TimeNs now = wall_clock();
    size_t n = 0;
    for (const Port& p : ports_) n += share_out(p.id);
    settled_.store(now, std::memory_order_release);
    n == 0 ? rest_.nothing_came() : rest_.packets_came();
  }
  // What the queues hold, and not what comes meanwhile.
  for (const Port& p : ports_)
    for (size_t left = p.queue_packets, n = kBurst; n != 0 && left != 0; left -= std::min(left, n)) n = share_out(p.id);
  settled_.store(wall_clock(), std::memory_order_release);
}

size_t DpdkDistributor::share_out(uint16_t port) {
  std::array<rte_mbuf*, kBurst> packets;
  const TimeNs now = wall_clock();
  const size_t n = ::rte_eth_rx_burst(port, 0, packets.data(), kBurst);
  n == 0 ? clock_.nothing(now) : clock_.burst(now, n);
  for (size_t i = 0; i < n; i++) {
    if (i + 4 < n) ::rte_prefetch0(rte_pktmbuf_mtod(packets[i + 4], void*));
    rte_mbuf* p = packets[i];
    *RTE_MBUF_DYNFIELD(p, timestamp_offset_, rte_mbuf_timestamp_t*) = static_cast<rte_mbuf_timestamp_t>(clock_.next());
    const Bytes start(rte_pktmbuf_mtod(p, const uint8_t*), rte_pktmbuf_data_len(p));
    workers_[address_pair_hash(start) % workers_.size()]->out.push_back(p);
  }
  for (auto& w : workers_) {
    if (w->out.empty()) continue;
    const auto all = static_cast<unsigned>(w->out.size());
    const unsigned taken = ::rte_ring_sp_enqueue_burst(w->ring, reinterpret_cast<void* const*>(w->out.data()), all, nullptr);
    if (taken != all) {
      w->dropped.fetch_add(all - taken, std::memory_order_relaxed);
      ::rte_pktmbuf_free_bulk(&w->out[taken], all - taken);
    }
    w->out.clear();
  }
  return n;
}

size_t DpdkDistributor::take(size_t worker, rte_mbuf** out, size_t max) {
  return ::rte_ring_sc_dequeue_burst(workers_[worker]->ring, reinterpret_cast<void**>(out), static_cast<unsigned>(max), nullptr);
}

QueueDepth DpdkDistributor::depth(size_t worker) const {
  const rte_ring* r = workers_[worker]->ring;
  return {::rte_ring_count(r), ::rte_ring_get_capacity(r)};
}

TimeNs DpdkDistributor::timestamp(const rte_mbuf* packet) const {
  return static_cast<TimeNs>(*RTE_MBUF_DYNFIELD(packet, timestamp_offset_, const rte_mbuf_timestamp_t*));
}

}  // namespace sensor
