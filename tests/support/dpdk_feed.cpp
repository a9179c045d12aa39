// A plugin of DPDK (EAL's -d) that plays a capture file into the first port of net_ring, out of memory: so that what is measured is the
// reader of the port, not a disk or a kernel.
//
//   FEED_FILE=trace.pcap FEED_LOOPS=1 sensor --dpdk '-d dpdk_feed.so --vdev=net_ring0 …'
//
// Any program on DPDK can be fed so (dpdk-testpmd). All packets are loaded first; then they go into the ring as fast as it is read. At the
// end it says on standard error how many went in, and how long that took.
#include <pcap/pcap.h>
#include <rte_ethdev.h>
#include <rte_mbuf.h>
#include <rte_pause.h>
#include <rte_ring.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <thread>
#include <vector>

namespace {

constexpr char kRing[] = "ETH_RXTX0_net_ring0";
constexpr unsigned kBurst = 32;
using Clock = std::chrono::steady_clock;

/// The port shows last in EAL's start: memory is there then.
rte_ring* wait_for_ring() {
  while (::rte_eth_dev_count_avail() == 0) std::this_thread::sleep_for(std::chrono::milliseconds(5));
  return ::rte_ring_lookup(kRing);
}

struct Size {
  unsigned packets = 0;
  uint32_t longest = 0;
};

template <class F>
bool for_each_packet(const char* file, F f) {
  char error[PCAP_ERRBUF_SIZE];
  pcap_t* capture = ::pcap_open_offline(file, error);
  if (capture == nullptr) {
    std::fprintf(stderr, "feed: %s\n", error);
    return false;
  }
  pcap_pkthdr* header = nullptr;
  const u_char* bytes = nullptr;
  while (::pcap_next_ex(capture, &header, &bytes) == 1) f(bytes, header->caplen);
  ::pcap_close(capture);
  return true;
}

std::vector<rte_mbuf*> load(const char* file) {
  Size size;
  if (!for_each_packet(file, [&](const u_char*, uint32_t n) {
        size.packets++;
        size.longest = std::max(size.longest, n);
      }))
    return {};
  const auto room = static_cast<uint16_t>(RTE_PKTMBUF_HEADROOM + size.longest);
  rte_mempool* pool = ::rte_pktmbuf_pool_create("feed", size.packets, 0, 0, room, SOCKET_ID_ANY);
  if (pool == nullptr) {
    std::fprintf(stderr, "feed: no memory for %u packets of %u bytes\n", size.packets, room);
    return {};
  }
  std::vector<rte_mbuf*> packets;
  for_each_packet(file, [&](const u_char* bytes, uint32_t n) {
    rte_mbuf* m = ::rte_pktmbuf_alloc(pool);
    std::memcpy(::rte_pktmbuf_append(m, static_cast<uint16_t>(n)), bytes, n);
    packets.push_back(m);
  });
  return packets;
}

/// A packet is in the ring, or with the reader, while somebody beside us refers to it.
void send(rte_ring* ring, const std::vector<rte_mbuf*>& packets) {
  for (size_t at = 0; at < packets.size();) {
    const auto n = static_cast<unsigned>(std::min<size_t>(kBurst, packets.size() - at));
    for (unsigned i = 0; i < n; i++) {
      while (::rte_mbuf_refcnt_read(packets[at + i]) != 1) ::rte_pause();
      ::rte_mbuf_refcnt_set(packets[at + i], 2);
    }
    for (unsigned sent = 0; sent < n;) {
      sent += ::rte_ring_sp_enqueue_burst(ring, reinterpret_cast<void* const*>(&packets[at + sent]), n - sent, nullptr);
      if (sent < n) ::rte_pause();
    }
    at += n;
  }
}

void feed(const std::string& file, unsigned long loops) {
  rte_ring* ring = wait_for_ring();
  if (ring == nullptr) return void(std::fprintf(stderr, "feed: there is no ring %s; add --vdev=net_ring0\n", kRing));
  const std::vector<rte_mbuf*> packets = load(file.c_str());
  if (packets.empty()) return;
  std::fprintf(stderr, "feed: %zu packets loaded\n", packets.size());
  std::this_thread::sleep_for(std::chrono::seconds(1));  // whoever measures the reader looks at its clocks now
  const auto start = Clock::now();
  for (unsigned long i = 0; i < loops; i++) send(ring, packets);
  while (::rte_ring_empty(ring) == 0) ::rte_pause();
  const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
  std::fprintf(stderr, "feed: %zu packets in %.3f s\n", packets.size() * loops, seconds);
}

[[gnu::constructor]] void start() {
  const char* file = std::getenv("FEED_FILE");
  const char* loops = std::getenv("FEED_LOOPS");
  if (file == nullptr) return void(std::fprintf(stderr, "feed: FEED_FILE names no capture\n"));
  std::thread(feed, std::string(file), loops == nullptr ? 1 : std::strtoul(loops, nullptr, 10)).detach();
}

}  // namespace
