#include "dpdk_interrupts.h"

#include <fmt/format.h>
#include <rte_epoll.h>
#include <rte_errno.h>
#include <rte_ethdev.h>
#include <rte_interrupts.h>
#include <rte_pause.h>
#include <sys/epoll.h>

#include <string_view>
#include <thread>

#include "sensor/capture/live_source.h"

namespace sensor {
namespace {

/// Instead of a wait, where an interrupt cannot be armed: as long as the longest of the other sleeps.
constexpr std::chrono::milliseconds kInsteadOfWait{1};

/// The kernel wakes whoever waits for a tap interface: there is nothing to switch on, and its driver has no function for it.
bool always_armed(uint16_t port) {
  rte_eth_dev_info info{};
  return ::rte_eth_dev_info_get(port, &info) == 0 && info.driver_name != nullptr && std::string_view(info.driver_name) == "net_tap";
}

bool arm_one(DpdkInterrupts::Queue q) {
  const int r = ::rte_eth_dev_rx_intr_enable(q.port, q.queue);
  return r == 0 || (r == -ENOTSUP && always_armed(q.port));
}

}  // namespace

Result<std::unique_ptr<DpdkInterrupts>> DpdkInterrupts::open(const std::vector<Queue>& queues) {
  std::unique_ptr<DpdkInterrupts> all(new DpdkInterrupts(::epoll_create1(EPOLL_CLOEXEC)));
  if (!all->epoll_.ok()) return Error{Error::RunTime, fmt::format("epoll: {}", ::rte_strerror(errno))};
  for (const Queue q : queues)
    if (auto s = all->add(q); !s.ok()) return s.error();
  return all;
}

Status DpdkInterrupts::add(Queue q) {
  int r = ::rte_eth_dev_rx_intr_ctl_q(q.port, q.queue, epoll_.get(), RTE_INTR_EVENT_ADD, nullptr);
  if (r == 0) {
    queues_.push_back(q);
    if (arm_one(q)) {
      (void)::rte_eth_dev_rx_intr_disable(q.port, q.queue);
      return Ok{};
    }
    r = -ENOTSUP;
  }
  return Error{Error::RunTime, fmt::format("queue {} of port {}: {}", q.queue, q.port, ::rte_strerror(-r))};
}

DpdkInterrupts::~DpdkInterrupts() {
  for (const Queue q : queues_) {
    (void)::rte_eth_dev_rx_intr_disable(q.port, q.queue);
    (void)::rte_eth_dev_rx_intr_ctl_q(q.port, q.queue, epoll_.get(), RTE_INTR_EVENT_DEL, nullptr);
  }
}

bool DpdkInterrupts::arm() {
  bool all = true;
  for (const Queue q : queues_) all &= arm_one(q);
  return all;
}

void DpdkInterrupts::disarm() {
  for (const Queue q : queues_) (void)::rte_eth_dev_rx_intr_disable(q.port, q.queue);
}

bool DpdkInterrupts::wait() {
  rte_epoll_event event{};
  return ::rte_epoll_wait(epoll_.get(), &event, 1, static_cast<int>(LiveSource::kMaxWait / kMillisecond)) != 0;
}

void DpdkRest::nothing_came() {
  switch (idle_.nothing_came()) {
    case DpdkIdle::Step::Spin:
      ::rte_pause();
      break;
    case DpdkIdle::Step::Sleep:
      std::this_thread::sleep_for(idle_.sleep());
      break;
    case DpdkIdle::Step::Arm:
      all_armed_ = interrupts_->arm();
      break;
    case DpdkIdle::Step::Wait:
      waits_.store(waits_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
      if (!all_armed_)
        std::this_thread::sleep_for(kInsteadOfWait);
      else if (interrupts_->wait())
        idle_.woken();
      interrupts_->disarm();
      break;
  }
}

}  // namespace sensor
