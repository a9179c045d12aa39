#include "sensor/capture/dpdk.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <rte_alarm.h>
#include <rte_ethdev.h>
#include <rte_launch.h>
#include <rte_lcore.h>

#include <charconv>
#include <future>

#include "dpdk_eal.h"
#include "dpdk_source.h"

namespace sensor {
namespace {

std::vector<std::string> known_ports() {
  std::vector<std::string> names;
  uint16_t id = 0;
  RTE_ETH_FOREACH_DEV(id) {
    char name[RTE_ETH_NAME_MAX_LEN];
    if (::rte_eth_dev_get_name_by_port(id, name) == 0) names.emplace_back(name);
  }
  return names;
}

Result<uint16_t> port_number(const std::string& wanted) {
  uint16_t id = 0;
  if (::rte_eth_dev_get_port_by_name(wanted.c_str(), &id) == 0) return id;
  const auto [end, ec] = std::from_chars(wanted.data(), wanted.data() + wanted.size(), id);
  if (ec == std::errc{} && end == wanted.data() + wanted.size() && ::rte_eth_dev_is_valid_port(id) != 0) return id;
  return Error{Error::Usage,
               fmt::format("DPDK has no port '{}'; it has {}; set dpdk.ports to one of them", wanted, fmt::join(known_ports(), ", "))};
}

/// The ports to read, in the order in which they were named.
Result<std::vector<uint16_t>> chosen_ports(const std::vector<std::string>& wanted) {
  std::vector<uint16_t> ids;
  uint16_t id = 0;
  if (wanted.empty()) RTE_ETH_FOREACH_DEV(id) ids.push_back(id);
  for (const std::string& name : wanted) {
    const auto port = port_number(name);
    if (!port.ok()) return port.error();
    ids.push_back(port.value());
  }
  if (ids.empty())
    return Error{Error::Usage,
                 fmt::format("DPDK finds no port{}; bind a card with 'dpdk-devbind.py --bind=vfio-pci ADDRESS', or name a software port "
                             "with --vdev in dpdk.eal",
                             dpdk_said())};
  return ids;
}

size_t worker_count(const DpdkOptions& options, const Eal& eal) {
  if (options.workers != 0) return options.workers;
  return eal.cores.empty() ? options.default_workers : eal.cores.size();
}

/// What the threads do while their ports are silent; the operator is told where that is not what was asked for.
std::vector<DpdkPortMode> port_modes(const DpdkCapture& capture) {
  std::vector<DpdkPortFacts> facts;
  for (const auto& p : capture.ports) facts.push_back({p->has_queue_for_every_worker(), p->has_interrupts()});
  const std::vector<IdleMode> modes = idle_modes(capture.options.idle, facts);
  std::vector<DpdkPortMode> named;
  for (size_t i = 0; i < modes.size(); i++) {
    const std::string& name = named.emplace_back(DpdkPortMode{capture.ports[i]->name(), modes[i]}).name;
    if (modes[i] == capture.options.idle || !capture.options.report) continue;
    capture.options.report(fmt::format(
        "DPDK port {}: who reads it sleeps when it is silent, as {}", name,
        facts[i].has_interrupts ? "not everything that is read with it has receive interrupts" : "its driver has no receive interrupts"));
  }
  return named;
}

struct Idle {
  IdleMode mode;
  std::unique_ptr<DpdkInterrupts> interrupts;  // with IdleMode::Interrupt
};

/// Of the thread that reads `queue` of the ports that have a queue for each worker, or do not.
Result<Idle> idle_of(const DpdkCapture& capture, const std::vector<DpdkPortMode>& modes, bool for_workers, uint16_t queue) {
  Idle idle{capture.options.idle, nullptr};
  std::vector<DpdkInterrupts::Queue> queues;
  for (size_t i = 0; i < modes.size(); i++) {
    const DpdkPort& p = *capture.ports[i];
    if (p.has_queue_for_every_worker() != for_workers) continue;
    idle.mode = modes[i].idle;
    queues.push_back({p.id(), queue});
  }
  // What the distributor hands over wakes nobody.
  if (queues.empty() && idle.mode == IdleMode::Interrupt) idle.mode = IdleMode::Sleep;
  if (idle.mode != IdleMode::Interrupt) return idle;
  auto opened = DpdkInterrupts::open(queues);
  if (!opened.ok())
    return Error{Error::RunTime, fmt::format("cannot wait for receive interrupts of DPDK ports: {}{}; set dpdk.idle to sleep",
                                             opened.error().message, dpdk_said())};
  idle.interrupts = std::move(opened).value();
  return idle;
}

Status open_distributor(DpdkCapture& capture, const std::vector<DpdkPortMode>& modes, size_t workers) {
  std::vector<DpdkDistributor::Port> ports;
  for (const auto& p : capture.ports)
    if (!p->has_queue_for_every_worker()) ports.push_back({p->id(), p->queue_packets()});
  if (ports.empty()) return Ok{};
  auto idle = idle_of(capture, modes, false, 0);
  if (!idle.ok()) return idle.error();
  auto made = DpdkDistributor::create(std::move(ports), workers, capture.options.ring_packets, idle.value().mode,
                                      std::move(idle.value().interrupts), [&capture, workers] { capture.prepare_thread(workers); });
  if (!made.ok()) return made.error();
  capture.distributor = std::move(made).value();
  return Ok{};
}

}  // namespace

Result<DpdkQueues> open_dpdk(const DpdkOptions& options) {
  BpfFilter filter(options.filter);
  if (auto valid = filter.prepare(LinkType::Ethernet); !valid.ok()) return valid.error();
  const auto eal = start_eal(options.eal);
  if (!eal.ok()) return eal.error();
  const auto ids = chosen_ports(options.ports);
  if (!ids.ok()) return ids.error();
  const size_t workers = worker_count(options, eal.value());
  auto capture = std::make_shared<DpdkCapture>();
  capture->options = options;
  capture->cores = eal.value().cores;
  capture->all_cores = eal.value().all;
  DpdkQueues opened;
  for (const uint16_t id : ids.value()) {
    auto port = DpdkPort::open(id, options, workers);
    if (!port.ok()) return port.error();
    capture->ports.push_back(std::move(port).value());
  }
  opened.ports = port_modes(*capture);
  if (auto s = open_distributor(*capture, opened.ports, workers); !s.ok()) return s.error();
  for (size_t i = 0; i < workers; i++) {
    BpfFilter own(options.filter);
    if (auto valid = own.prepare(LinkType::Ethernet); !valid.ok()) return valid.error();
    auto idle = idle_of(*capture, opened.ports, true, static_cast<uint16_t>(i));
    if (!idle.ok()) return idle.error();
    opened.queues.push_back(
        std::make_unique<DpdkSource>(capture, i, std::move(own), idle.value().mode, std::move(idle.value().interrupts)));
  }
  pass_on_dpdk_errors(options.report);
  return opened;
}

void in_dpdk_threads(void (*f)()) {
  struct Call {
    void (*f)();
    std::promise<void> done;
  } call{f, {}};
  // The thread that serves interrupts and alarms.
  const auto alarm = [](void* c) {
    static_cast<Call*>(c)->f();
    static_cast<Call*>(c)->done.set_value();
  };
  if (::rte_eal_alarm_set(1, alarm, &call) == 0) call.done.get_future().wait();
  unsigned core = 0;
  const auto launched = [](void* c) {
    static_cast<Call*>(c)->f();
    return 0;
  };
  RTE_LCORE_FOREACH_WORKER(core)(void)::rte_eal_remote_launch(launched, &call, core);
  ::rte_eal_mp_wait_lcore();
}

bool dpdk_available() {
  return true;
}

}  // namespace sensor
