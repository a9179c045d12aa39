#include "dpdk_port.h"

#include <fmt/format.h>
#include <rte_errno.h>
#include <rte_ethdev.h>
#include <rte_ether.h>
#include <rte_mbuf.h>

#include <algorithm>
#include <cstdio>
#include <utility>

#include "dpdk_eal.h"
#include "dpdk_interrupts.h"
#include "dpdk_rss.h"

namespace sensor {
namespace {

/// What goes around a packet on Ethernet: header, two VLAN tags, checksum.
constexpr uint32_t kFraming = RTE_ETHER_HDR_LEN + 2 * RTE_VLAN_HLEN + RTE_ETHER_CRC_LEN;
constexpr uint32_t kJumboMtu = 9000;
/// Buffers that each thread may keep for itself (rte_mempool's cache), and those in its hands.
constexpr uint32_t kCachedBuffers = 256, kBuffersInHand = 2 * kCachedBuffers;

/// The most that the port takes, up to what was asked for.
uint32_t mtu_of(const rte_eth_dev_info& info, uint32_t wanted, bool scatters) {
  const uint32_t mtu = wanted != 0 ? wanted : scatters ? kJumboMtu : uint32_t{RTE_ETHER_MTU};
  const uint32_t most = info.max_rx_pktlen > kFraming ? std::min<uint32_t>(info.max_mtu, info.max_rx_pktlen - kFraming) : info.max_mtu;
  return std::clamp<uint32_t>(mtu, info.min_mtu, std::max<uint32_t>(most, info.min_mtu));
}

}  // namespace

Error DpdkPort::failed(std::string_view step, int code, std::string_view remedy) const {
  return {Error::RunTime,
          fmt::format("cannot {} DPDK port {}: {}{}; {}", step, name_, ::rte_strerror(code < 0 ? -code : code), dpdk_said(), remedy)};
}

Result<std::unique_ptr<DpdkPort>> DpdkPort::open(uint16_t id, const DpdkOptions& options, size_t workers) {
  char name[RTE_ETH_NAME_MAX_LEN];
  if (::rte_eth_dev_get_name_by_port(id, name) != 0) std::snprintf(name, sizeof(name), "%u", static_cast<unsigned>(id));
  std::unique_ptr<DpdkPort> port(new DpdkPort(id, name, ::rte_eth_dev_socket_id(id)));
  rte_eth_dev_info info{};
  if (const int r = ::rte_eth_dev_info_get(id, &info); r != 0)
    return port->failed("ask", r, "look whether another program uses it: 'dpdk-devbind.py --status'");
  if (auto s = port->choose_queues(info, options, workers); !s.ok()) return s.error();
  port->interrupts_ = options.idle == IdleMode::Interrupt;
  auto started = port->start(info, options, workers);
  // Some drivers refuse to start with interrupts that they have too few vectors for.
  if (!started.ok() && std::exchange(port->interrupts_, false)) started = port->start(info, options, workers);
  if (!started.ok()) return started.error();
  if (auto s = port->listen_to_all(options.promiscuous); !s.ok()) return s.error();
  port->share_out_evenly(info);
  port->interrupts_ = port->interrupts_ && port->queues_interrupt();
  return port;
}

Status DpdkPort::start(const rte_eth_dev_info& info, const DpdkOptions& options, size_t workers) {
  if (auto s = configure(info, options); !s.ok()) return s;
  if (auto s = make_buffers(options, workers); !s.ok()) return s;
  if (auto s = set_up_queues(info); !s.ok()) return s;
  if (const int r = ::rte_eth_dev_start(id_); r != 0)
    return failed("start", r, "look at its driver and the kernel's log: 'dpdk-devbind.py --status', 'dmesg'");
  started_ = true;
  return Ok{};
}

bool DpdkPort::queues_interrupt() const {
  std::vector<DpdkInterrupts::Queue> queues;
  for (uint16_t q = 0; q < queues_; q++) queues.push_back({id_, q});
  const bool all = DpdkInterrupts::open(queues).ok();
  (void)dpdk_said();
  return all;
}

DpdkPort::~DpdkPort() {
  if (promiscuous_) (void)::rte_eth_promiscuous_disable(id_);
  if (started_) (void)::rte_eth_dev_stop(id_);
}

Status DpdkPort::choose_queues(const rte_eth_dev_info& info, const DpdkOptions& options, size_t workers) {
  const bool enough = info.max_rx_queues >= workers;
  const bool as_the_port_does = options.fanout == Fanout::Cpu || options.fanout == Fanout::Qm;
  if (as_the_port_does && !enough)
    return Error{Error::Usage, fmt::format("DPDK port {} has {} queues for {} workers; set worker.count lower, or capture.fanout to hash",
                                           name_, info.max_rx_queues, workers)};
  hashed_ = workers > 1 && options.fanout == Fanout::Hash && enough && rss_fields(info.flow_type_rss_offloads) != 0;
  own_queues_ = workers == 1 || as_the_port_does || hashed_;
  queues_ = own_queues_ ? static_cast<uint16_t>(workers) : uint16_t{1};
  // Some drivers want as many queues in both directions, whatever they are used for.
  send_queues_ = std::min(queues_, info.max_tx_queues);
  return Ok{};
}

Status DpdkPort::configure(const rte_eth_dev_info& info, const DpdkOptions& options) {
  const bool scatters = (info.rx_offload_capa & RTE_ETH_RX_OFFLOAD_SCATTER) != 0;
  rte_eth_conf wanted{};
  wanted.intr_conf.rxq = interrupts_ ? 1 : 0;
  wanted.rxmode.mtu = mtu_of(info, options.mtu, scatters);
  const uint32_t frame = wanted.rxmode.mtu + kFraming;
  if (scatters && frame > RTE_MBUF_DEFAULT_DATAROOM) offloads_ |= RTE_ETH_RX_OFFLOAD_SCATTER;
  buffer_bytes_ = scatters
                      ? uint16_t{RTE_MBUF_DEFAULT_BUF_SIZE}
                      : static_cast<uint16_t>(std::clamp<uint32_t>(RTE_PKTMBUF_HEADROOM + frame, RTE_MBUF_DEFAULT_BUF_SIZE, UINT16_MAX));
  wanted.rxmode.offloads = offloads_;
  RssKey key(info.hash_key_size);
  if (hashed_) {
    wanted.rxmode.mq_mode = RTE_ETH_MQ_RX_RSS;
    wanted.rx_adv_conf.rss_conf = {key.data(), key.size(), rss_fields(info.flow_type_rss_offloads)};
  }
  if (const int r = ::rte_eth_dev_configure(id_, queues_, send_queues_, &wanted); r != 0)
    return failed("configure", r, "set worker.count to 1 and dpdk.mtu to 1500, and see which of the two it is");
  queue_packets_ = options.queue_packets;
  if (const int r = ::rte_eth_dev_adjust_nb_rx_tx_desc(id_, &queue_packets_, &send_packets_); r != 0)
    return failed("size the queues of", r, "set dpdk.queue_packets lower");
  return Ok{};
}

Status DpdkPort::make_buffers(const DpdkOptions& options, size_t workers) {
  const size_t threads = workers + 1;
  const size_t in_rings = own_queues_ ? 0 : workers * options.ring_packets;
  const auto n = static_cast<unsigned>(size_t{queues_} * queue_packets_ + in_rings + threads * kBuffersInHand);
  // A port that was stopped may still have buffers of its pool: the next run in this process takes the same.
  const std::string name = fmt::format("sensor{}-{}x{}", id_, n, buffer_bytes_);
  buffers_ = ::rte_mempool_lookup(name.c_str());
  if (buffers_ == nullptr) buffers_ = ::rte_pktmbuf_pool_create(name.c_str(), n, kCachedBuffers, 0, buffer_bytes_, socket_);
  if (buffers_ != nullptr) return Ok{};
  const uint64_t mib = (uint64_t{n} * (buffer_bytes_ + sizeof(rte_mbuf)) >> 20) + 1;
  return failed(fmt::format("get {} buffers, {} MiB, for", n, mib), rte_errno,
                "give DPDK more memory (huge pages on the card's NUMA node, or -m in dpdk.eal), or set dpdk.ring_packets or "
                "dpdk.queue_packets lower");
}

Status DpdkPort::set_up_queues(const rte_eth_dev_info& info) {
  const auto node = static_cast<unsigned>(socket_);
  rte_eth_rxconf receive = info.default_rxconf;
  receive.offloads = offloads_;
  for (uint16_t q = 0; q < queues_; q++)
    if (const int r = ::rte_eth_rx_queue_setup(id_, q, queue_packets_, node, &receive, buffers_); r != 0)
      return failed(fmt::format("set up receive queue {} of", q), r, "set dpdk.queue_packets or dpdk.mtu lower");
  for (uint16_t q = 0; q < send_queues_; q++)
    if (const int r = ::rte_eth_tx_queue_setup(id_, q, send_packets_, node, &info.default_txconf); r != 0)
      return failed(fmt::format("set up send queue {} of", q), r, "give DPDK more memory (-m in dpdk.eal)");
  return Ok{};
}

Status DpdkPort::listen_to_all(bool promiscuous) {
  if (!promiscuous) return Ok{};
  const int r = ::rte_eth_promiscuous_enable(id_);
  if (r != 0 && r != -ENOTSUP) return failed("switch to promiscuous mode", r, "set capture.promiscuous to false");
  promiscuous_ = r == 0;
  (void)dpdk_said();
  return Ok{};
}

/// The hash picks a row of a table that names the queue. Most drivers fill it so, but two ports of a tap must agree.
void DpdkPort::share_out_evenly(const rte_eth_dev_info& info) {
  if (!hashed_ || info.reta_size == 0) return;
  std::vector<rte_eth_rss_reta_entry64> table((info.reta_size + RTE_ETH_RETA_GROUP_SIZE - 1U) / RTE_ETH_RETA_GROUP_SIZE);
  for (unsigned i = 0; i < info.reta_size; i++) {
    rte_eth_rss_reta_entry64& group = table[i / RTE_ETH_RETA_GROUP_SIZE];
    group.mask |= 1ULL << (i % RTE_ETH_RETA_GROUP_SIZE);
    group.reta[i % RTE_ETH_RETA_GROUP_SIZE] = static_cast<uint16_t>(i % queues_);
  }
  (void)::rte_eth_dev_rss_reta_update(id_, table.data(), info.reta_size);
}

PortStatistics DpdkPort::count() {
  rte_eth_stats s{};
  if (::rte_eth_stats_get(id_, &s) != 0) return {};
  if (!counted_) before_ = {0, s.imissed, s.rx_nombuf, s.ierrors};
  counted_ = true;
  return {s.ipackets, s.imissed - before_.missed, s.rx_nombuf - before_.no_buffer, s.ierrors - before_.damaged};
}

bool DpdkPort::link_up() const {
  rte_eth_link link{};
  return ::rte_eth_link_get_nowait(id_, &link) != 0 || link.link_status == RTE_ETH_LINK_UP;
}

}  // namespace sensor
