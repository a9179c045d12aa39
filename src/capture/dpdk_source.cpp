#include "dpdk_source.h"

#include <fmt/format.h>
#include <pthread.h>
#include <rte_ethdev.h>
#include <rte_lcore.h>
#include <rte_mbuf.h>

#include <algorithm>

namespace sensor {
namespace {

constexpr DurationNs kTendInterval = kSecond;

/// A thread that DPDK knows has a cache in every buffer pool.
struct KnownThread {
  KnownThread() : known(::rte_lcore_id() == LCORE_ID_ANY && ::rte_thread_register() == 0) {}
  ~KnownThread() {
    if (known) ::rte_thread_unregister();
  }
  bool known;
};

/// TCP's end, with its options, and what it carries begin in the second line.
void prefetch_headers(const rte_mbuf* m) {
  ::rte_prefetch0(rte_pktmbuf_mtod(m, const void*));
  if (rte_pktmbuf_data_len(m) > RTE_CACHE_LINE_SIZE) ::rte_prefetch0(rte_pktmbuf_mtod_offset(m, const void*, RTE_CACHE_LINE_SIZE));
}

}  // namespace

void DpdkCapture::prepare_thread(size_t i) const {
  const cpu_set_t& where = i < cores.size() ? cores[i] : all_cores;
  (void)::pthread_setaffinity_np(::pthread_self(), sizeof(where), &where);
  static thread_local KnownThread known;
}

DpdkSource::DpdkSource(std::shared_ptr<DpdkCapture> capture, size_t worker, BpfFilter filter, IdleMode idle,
                       std::unique_ptr<DpdkInterrupts> interrupts)
    : capture_(std::move(capture)), worker_(worker), filter_(std::move(filter)), rest_(idle, std::move(interrupts)) {
  for (const auto& p : capture_->ports)
    if (p->has_queue_for_every_worker()) queues_.push_back({p->id(), kUnlimited});
  capture_->being_read.fetch_add(1, std::memory_order_relaxed);
  link_up_.assign(capture_->ports.size(), true);
}

DpdkSource::~DpdkSource() = default;

PacketBatch DpdkSource::poll() {
  if (!std::exchange(prepared_, true)) {
    capture_->prepare_thread(worker_);
    if (capture_->distributor) capture_->distributor->start();
  }
  const TimeNs now = wall_clock();
  if (now - tended_ >= kTendInterval || now < tended_) tend(now);
  bool stamped = false;
  TimeNs settled = now;
  size_t n = read_queues();
  n == 0 ? clock_.nothing(now) : clock_.burst(now, n);
  if (n == 0 && capture_->distributor) {
    settled = std::min(settled, capture_->distributor->settled());
    n = capture_->distributor->take(worker_, held_.data(), kBurst);
    stamped = true;
  }
  if (n == 0) {
    horizon_ = std::max(horizon_, settled);
    if (closed_) count_at_the_end();
    rest_.nothing_came();
    return {};
  }
  rest_.packets_came();
  const size_t kept = make_views(n, stamped);
  return {this, std::span<const PacketView>(packets_).first(kept), n};
}

/// The next queue that has packets, in turn.
size_t DpdkSource::read_queues() {
  for (size_t i = 0; i < queues_.size(); i++) {
    Queue& q = queues_[next_queue_];
    next_queue_ = next_queue_ + 1 == queues_.size() ? 0 : next_queue_ + 1;
    const auto most = static_cast<uint16_t>(std::min<uint64_t>(kBurst, q.left));
    const size_t n = most == 0 ? 0 : ::rte_eth_rx_burst(q.port, static_cast<uint16_t>(worker_), held_.data(), most);
    if (q.left != kUnlimited) q.left = n == 0 ? 0 : q.left - n;
    if (n != 0) return n;
  }
  return 0;
}

/// Filters and counts; returns how many packets stay.
size_t DpdkSource::make_views(size_t n, bool stamped) {
  constexpr size_t kAhead = 8;
  // For writing: whoever else holds a buffer, as a software port's other end may, counts with us in its first line.
  for (size_t i = 0; i < n; i++) __builtin_prefetch(held_[i], 1);
  for (size_t i = 0; i < std::min(n, kAhead); i++) prefetch_headers(held_[i]);
  uint64_t bytes = 0, cut = 0;
  size_t kept = 0;
  for (size_t i = 0; i < n; i++) {
    if (i + kAhead < n) prefetch_headers(held_[i + kAhead]);
    const PacketView p = view(i, stamped ? capture_->distributor->timestamp(held_[i]) : clock_.next());
    bytes += p.data.size();
    cut += p.data.size() < p.wire_len;
    packets_[kept] = p;
    kept += !filter_.active() || filter_.matches(p);
  }
  counters_.add(CaptureCounter::PacketsRead, n);
  counters_.add(CaptureCounter::BytesRead, bytes);
  counters_.add(CaptureCounter::PacketsDelivered, kept);
  if (kept != n) counters_.add(CaptureCounter::PacketsFiltered, n - kept);
  if (cut != 0) counters_.add(CaptureCounter::PacketsCut, cut);
  return kept;
}

PacketView DpdkSource::view(size_t i, TimeNs ts) {
  // The card took the tag out of the frame. There is no room for it in front of a buffer that others read as well.
  if ((held_[i]->ol_flags & RTE_MBUF_F_RX_VLAN_STRIPPED) != 0) (void)::rte_vlan_insert(&held_[i]);
  const rte_mbuf* m = held_[i];
  PacketView v;
  v.ts_ns = ts;
  v.link = LinkType::Ethernet;
  v.wire_len = rte_pktmbuf_pkt_len(m);
  if (m->nb_segs == 1) {
    v.data = Bytes(rte_pktmbuf_mtod(m, const uint8_t*), rte_pktmbuf_data_len(m));
    return v;
  }
  if (!spread_) spread_.reset(new uint8_t[kBurst * kMaxSpreadBytes]);
  const auto size = static_cast<uint32_t>(std::min<size_t>(v.wire_len, kMaxSpreadBytes));
  const void* bytes = ::rte_pktmbuf_read(m, 0, size, &spread_[i * kMaxSpreadBytes]);
  if (bytes != nullptr) v.data = Bytes(static_cast<const uint8_t*>(bytes), size);
  return v;
}

void DpdkSource::release(uint64_t token) {
  ::rte_pktmbuf_free_bulk(held_.data(), static_cast<unsigned>(token));
}

void DpdkSource::tend(TimeNs now) {
  tended_ = now;
  take_over_filter();
  look_at_rings();
  uint64_t waits = rest_.waits();
  if (capture_->distributor) {
    counters_.set(CaptureCounter::PacketsDroppedRing, capture_->distributor->dropped(worker_));
    if (worker_ == 0) waits += capture_->distributor->waits();
  }
  counters_.set(CaptureCounter::InterruptWaits, waits);
  if (worker_ != 0) return;
  count_ports();
  look_at_links();
}

/// The distributor's ring, and the ports' own queues where their drivers can count.
void DpdkSource::look_at_rings() {
  QueueDepth sum;
  if (capture_->distributor) sum = capture_->distributor->depth(worker_);
  for (const auto& p : capture_->ports) {
    const int waiting = p->has_queue_for_every_worker() ? ::rte_eth_rx_queue_count(p->id(), static_cast<uint16_t>(worker_)) : -1;
    if (waiting < 0) continue;
    sum.waiting += static_cast<size_t>(waiting);
    sum.capacity += p->queue_packets();
  }
  waiting_.store(sum.waiting, std::memory_order_relaxed);
  capacity_.store(sum.capacity, std::memory_order_relaxed);
}

/// The ports' figures are whole when the other workers' queues are empty, too.
void DpdkSource::count_at_the_end() {
  if (!std::exchange(drained_, true)) capture_->being_read.fetch_sub(1, std::memory_order_release);
  const TimeNs deadline = clock_now(CLOCK_MONOTONIC) + kMaxWait;
  while (worker_ == 0 && capture_->being_read.load(std::memory_order_acquire) != 0 && clock_now(CLOCK_MONOTONIC) < deadline)
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  tend(wall_clock());
}

void DpdkSource::count_ports() {
  PortStatistics sum;
  for (auto& p : capture_->ports) {
    const PortStatistics s = p->count();
    sum.received += s.received;
    sum.missed += s.missed;
    sum.no_buffer += s.no_buffer;
    sum.damaged += s.damaged;
  }
  counters_.set(CaptureCounter::PacketsReceived, sum.received + sum.missed);
  counters_.set(CaptureCounter::PacketsDroppedPort, sum.missed);
  counters_.set(CaptureCounter::PacketsDroppedNoBuffer, sum.no_buffer);
  counters_.set(CaptureCounter::PacketsDroppedDamaged, sum.damaged);
}

void DpdkSource::look_at_links() {
  for (size_t i = 0; i < capture_->ports.size(); i++) {
    const DpdkPort& port = *capture_->ports[i];
    const bool up = port.link_up();
    if (link_up_[i] == up) continue;
    link_up_[i] = up;
    if (!up) counters_.add(CaptureCounter::InterfaceDown);
    if (capture_->options.report)
      capture_->options.report(
          fmt::format("DPDK port {} {}", port.name(), up ? "has a link; capturing" : "has no link; capture goes on when it has"));
  }
}

void DpdkSource::close_intake() {
  closed_ = true;
  if (capture_->distributor) capture_->distributor->stop();
  for (Queue& q : queues_)
    for (const auto& p : capture_->ports)
      if (p->id() == q.port) q.left = p->queue_packets();
}

Status DpdkSource::set_filter(const std::string& filter) {
  if (auto valid = BpfFilter(filter).prepare(LinkType::Ethernet); !valid.ok()) return valid;
  std::lock_guard lock(wanted_mutex_);
  wanted_filter_ = filter;
  return Ok{};
}

void DpdkSource::take_over_filter() {
  std::lock_guard lock(wanted_mutex_);
  if (!wanted_filter_) return;
  filter_ = BpfFilter(*std::exchange(wanted_filter_, std::nullopt));
  (void)filter_.prepare(LinkType::Ethernet);
}

}  // namespace sensor
