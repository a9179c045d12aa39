#include "checks.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "tpacket_ring.h"

namespace sensor {
namespace {

constexpr uint32_t kEnoughDescriptors = 4096;
/// What DPDK's packet pools take with a few queues.
constexpr uint64_t kHugeKibForDpdk = 1 << 20;
constexpr uint64_t kLeastMtu = 1500;
/// Clocks whose reading takes a microsecond or more, for every packet.
constexpr std::string_view kSlowClocks[] = {"hpet", "acpi_pm", "jiffies", "refined-jiffies"};

Finding rights(const CaptureFacts& f) {
  if (f.may_capture) return {"rights", Verdict::Fine, "packet sockets can be opened"};
  return {"rights", Verdict::Mend, "no right to open packet sockets: run as root, or give it to the program",
          "setcap cap_net_raw,cap_net_admin=eip \"$(command -v sensor)\""};
}

Finding link(const CaptureFacts& f) {
  if (!f.up) return {"link", Verdict::Mend, "down", fmt::format("ip link set {} up", f.interface), Fix::BringUp};
  if (!f.carrier)
    return {"link", Verdict::Mend, "no carrier: look at the cable, the tap and the mirror port", fmt::format("ethtool {}", f.interface)};
  return {"link", Verdict::Fine, f.speed.empty() ? "up" : "up, " + f.speed};
}

Finding driver(const CaptureFacts& f) {
  if (f.driver.name.empty()) return {"driver", Verdict::Note, "none that says what it can do; only the kernel's settings were looked at"};
  const bool has_bus = !f.driver.bus.empty() && f.driver.bus != "N/A";
  return {"driver", Verdict::Fine, f.driver.name + (has_bus ? " at " + f.driver.bus : "")};
}

/// ethtool's own, shorter names, each once: "tso" for everything that cuts TCP.
std::vector<std::string> short_names(const std::vector<std::string>& features) {
  std::vector<std::string> names;
  for (const std::string& feature : features) {
    std::string name = feature;
    if (feature == "rx-gro" || feature == "rx-lro") name = feature.substr(3);
    if (feature == "tx-generic-segmentation") name = "gso";
    if (feature.starts_with("tx-tcp")) name = "tso";
    if (std::ranges::find(names, name) == names.end()) names.push_back(std::move(name));
  }
  return names;
}

Finding offloads(std::string_view check, const std::vector<std::string>& on, std::string_view why, const CaptureFacts& f, Fix fix) {
  if (on.empty()) return {check, Verdict::Fine, "packets are as they were on the wire"};
  const auto names = short_names(on);
  return {check, Verdict::Mend, fmt::format("{}: {}", fmt::join(names, ", "), why),
          fmt::format("ethtool -K {} {} off", f.interface, fmt::join(names, " off ")), fix};
}

Finding ring(const CaptureFacts& f) {
  if (!f.ring) return {"receive ring", Verdict::Fine, "the driver has none"};
  const uint32_t wanted = wanted_descriptors(*f.ring);
  if (f.ring->now >= wanted) return {"receive ring", Verdict::Fine, fmt::format("{} descriptors", f.ring->now)};
  // The link is down for a moment while the ring is made anew.
  return {"receive ring", Verdict::Mend, fmt::format("{} descriptors of {} that are possible: bursts are lost", f.ring->now, f.ring->most),
          fmt::format("ethtool -G {} rx {}", f.interface, wanted), f.has_address ? Fix::None : Fix::GrowRing};
}

Finding rss(const CaptureFacts& f) {
  if (f.queues <= 1) return {"queues", Verdict::Fine, "one: packets stay in order"};
  const std::string queues = fmt::format("{} receive queues", f.queues);
  if (!f.rss_fields_pair)
    return {"queues", Verdict::Mend, queues + ", and the two directions of a connection are hashed by different fields",
            fmt::format("for t in tcp4 udp4 tcp6 udp6; do ethtool -N {} rx-flow-hash $t sdfn; done", f.interface)};
  if (!f.rss) return {"queues", Verdict::Note, queues + "; the driver does not say how packets are shared out"};
  if (is_symmetric(*f.rss)) return {"queues", Verdict::Fine, queues + ", shared out alike in both directions"};
  std::string key = "6d:5a";
  for (size_t i = 2; i < f.rss->key.size(); i += 2) key += ":6d:5a";
  return {"queues", Verdict::Mend, queues + ", and a connection's two directions come over different ones: out of order",
          fmt::format("ethtool -X {} hkey {} equal {}", f.interface, key, f.queues)};
}

Finding mtu(const CaptureFacts& f) {
  if (f.frames_too_long != 0)
    return {"MTU", Verdict::Mend, fmt::format("{}, and {} longer frames were dropped", f.mtu, f.frames_too_long),
            fmt::format("ip link set {} mtu 9000", f.interface)};
  if (f.mtu > TpacketRing::kBlockBytes / 2)
    return {"MTU", Verdict::Mend,
            fmt::format("{}: such a frame does not fit into a block of the ring ({})", f.mtu, TpacketRing::kBlockBytes),
            fmt::format("ip link set {} mtu 9000", f.interface)};
  // An interface that this host uses itself may have its reasons.
  if (f.mtu < kLeastMtu)
    return {"MTU", f.has_address ? Verdict::Note : Verdict::Mend, fmt::format("{}: longer frames are dropped by many cards", f.mtu),
            fmt::format("ip link set {} mtu {}", f.interface, kLeastMtu)};
  return {"MTU", Verdict::Fine, fmt::format("{}, no frame was too long", f.mtu)};
}

Finding promiscuous(const CaptureFacts& f) {
  if (f.wireless)
    return {"promiscuous", Verdict::Note, "a wireless card gives other hosts' packets only in monitor mode",
            fmt::format("iw dev {} set type monitor", f.interface)};
  return {"promiscuous", Verdict::Fine, f.promiscuous ? "on" : "off; a sensor switches it on while it captures"};
}

Finding clock(const CaptureFacts& f) {
  if (std::ranges::find(kSlowClocks, f.clock_source) != std::end(kSlowClocks))
    return {"clock", Verdict::Mend, fmt::format("{}: slow to read, and read for every packet", f.clock_source),
            "echo tsc >/sys/devices/system/clocksource/clocksource0/current_clocksource"};
  if (!f.clock_synchronised) return {"clock", Verdict::Note, "the kernel does not say whether it is synchronised"};
  if (!*f.clock_synchronised)
    return {"clock", Verdict::Mend, "not synchronised: logs will not agree with those of other hosts", "timedatectl set-ntp true"};
  return {"clock", Verdict::Fine, "synchronised" + (f.clock_source.empty() ? "" : ", " + f.clock_source)};
}

Finding cores(const CaptureFacts& f) {
  std::string says = fmt::format("{}", f.cores);
  if (!f.governor.empty() && f.governor != "performance" && f.governor != "schedutil")
    return {"cores", Verdict::Mend, says + fmt::format(", slowed down when idle ({}): bursts find them asleep", f.governor),
            "cpupower frequency-set --governor performance"};
  if (f.numa_nodes > 1 && f.numa_node)
    return {"cores", Verdict::Note, says + fmt::format(" in {} NUMA nodes; the card is at node {}", f.numa_nodes, *f.numa_node),
            fmt::format("taskset -c {} sensor --interface {}", f.numa_cores, f.interface)};
  if (f.cores <= 2) return {"cores", Verdict::Note, says + ": workers, logs and the host share them"};
  return {"cores", Verdict::Fine, says};
}

Finding huge_pages(const CaptureFacts& f) {
  const std::string_view check = "huge pages";
  constexpr auto kRemedy = "sysctl -w vm.nr_hugepages=512";
  if (f.huge_page_kib == 0) return {check, Verdict::Note, "none; only DPDK needs them", kRemedy};
  std::string says = fmt::format("{} MiB, {} MiB free", f.huge_page_kib >> 10, f.huge_page_kib_free >> 10);
  if (f.huge_page_kib < kHugeKibForDpdk) return {check, Verdict::Note, says + "; DPDK wants 1 GiB", kRemedy};
  return {check, Verdict::Fine, std::move(says)};
}

}  // namespace

uint32_t wanted_descriptors(const RingSize& ring) {
  return std::min(ring.most, kEnoughDescriptors);
}

std::vector<Finding> check_capture(const CaptureFacts& f) {
  return {rights(f),
          link(f),
          driver(f),
          offloads("receive offloads", f.merging_receive, "packets are merged before they are captured", f, Fix::SwitchOffReceive),
          offloads("send offloads", f.merging_send, "this host's packets are captured before they are cut", f, Fix::SwitchOffSend),
          ring(f),
          rss(f),
          mtu(f),
          promiscuous(f),
          clock(f),
          cores(f),
          huge_pages(f)};
}

}  // namespace sensor
