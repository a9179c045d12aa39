#include "capture_facts.h"

#include <fmt/format.h>
#include <ifaddrs.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <sys/socket.h>
#include <sys/timex.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string_view>

#include "sensor/capture/interface_list.h"
#include "sensor/capture/interfaces.h"

namespace sensor {
namespace {

namespace fs = std::filesystem;

/// Received packets become longer than they were on the wire.
constexpr std::string_view kMergingReceive[] = {"rx-gro", "rx-lro", "rx-gro-hw", "rx-gro-list", "rx-udp-gro-forwarding"};
/// Packets of this host are not cut yet when they are captured.
bool merges_send(std::string_view feature) {
  return feature == "tx-generic-segmentation" || feature == "tx-udp-segmentation" ||
         (feature.starts_with("tx-tcp") && feature.ends_with("-segmentation"));
}

/// The first line of a file; empty when it cannot be read.
std::string line_of(const fs::path& file) {
  std::ifstream in(file);
  std::string line;
  std::getline(in, line);
  return line;
}

std::optional<uint64_t> leading_number(std::string_view text, int base = 10) {
  uint64_t n = 0;
  if (std::from_chars(text.data(), text.data() + text.size(), n, base).ec != std::errc{}) return std::nullopt;
  return n;
}

std::optional<uint64_t> number_of(const fs::path& file) {
  return leading_number(line_of(file));
}

/// Entries of a directory whose names begin so; never less than one.
uint64_t count_entries(const fs::path& directory, std::string_view prefix) {
  std::error_code error;
  uint64_t n = 0;
  for (fs::directory_iterator it(directory, error), end; !error && it != end; it.increment(error))
    n += it->path().filename().string().starts_with(prefix) ? 1 : 0;
  return std::max<uint64_t>(n, 1);
}

bool has_address(const std::string& interface) {
  ifaddrs* first = nullptr;
  if (::getifaddrs(&first) != 0) return false;
  const std::unique_ptr<ifaddrs, decltype(&::freeifaddrs)> all(first, &::freeifaddrs);
  for (const ifaddrs* a = first; a != nullptr; a = a->ifa_next)
    if (a->ifa_addr != nullptr && a->ifa_addr->sa_family == AF_INET && interface == a->ifa_name) return true;
  return false;
}

void add_link(CaptureFacts& f) {
  const fs::path sys = fs::path("/sys/class/net") / f.interface;
  f.up = interface_state(f.interface).up;
  f.carrier = line_of(sys / "carrier") != "0";
  const std::string flags = line_of(sys / "flags");  // 0x1103
  if (flags.starts_with("0x")) f.promiscuous = (leading_number(std::string_view(flags).substr(2), 16).value_or(0) & IFF_PROMISC) != 0;
  std::error_code none;
  f.wireless = fs::exists(sys / "phy80211", none);
  f.has_address = has_address(f.interface);
  f.mtu = number_of(sys / "mtu").value_or(0);
  f.frames_too_long = number_of(sys / "statistics" / "rx_length_errors").value_or(0);
  f.queues = count_entries(sys / "queues", "rx-");
  f.numa_node = number_of(sys / "device" / "numa_node");  // -1: none
  if (const auto speed = number_of(sys / "speed"); speed && *speed != 0) f.speed = fmt::format("{} Mb/s", *speed);
}

void add_card(CaptureFacts& f) {
  Ethtool ethtool(f.interface);
  f.driver = ethtool.driver();
  for (std::string& name : ethtool.active_features()) {
    if (std::ranges::find(kMergingReceive, name) != std::end(kMergingReceive)) f.merging_receive.push_back(name);
    if (merges_send(name)) f.merging_send.push_back(name);
  }
  f.ring = ethtool.receive_ring();
  f.rss = ethtool.rss_hash();
  f.rss_fields_pair = ethtool.rss_fields_pair();
}

void add_host(CaptureFacts& f) {
  const FileDescriptor probe(::socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0));
  f.may_capture = probe.ok();
  timex clock{};
  if (::adjtimex(&clock) >= 0) f.clock_synchronised = (clock.status & STA_UNSYNC) == 0;
  f.clock_source = line_of("/sys/devices/system/clocksource/clocksource0/current_clocksource");
  f.cores = static_cast<uint64_t>(std::max(1L, ::sysconf(_SC_NPROCESSORS_ONLN)));
  f.governor = line_of("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor");
  const fs::path nodes = "/sys/devices/system/node";
  f.numa_nodes = count_entries(nodes, "node");
  if (f.numa_node) f.numa_cores = line_of(nodes / fmt::format("node{}", *f.numa_node) / "cpulist");
  std::error_code error;
  for (fs::directory_iterator it("/sys/kernel/mm/hugepages", error), end; !error && it != end; it.increment(error)) {
    constexpr std::string_view kPrefix = "hugepages-";  // hugepages-2048kB
    const std::string name = it->path().filename();
    const uint64_t kib = name.starts_with(kPrefix) ? leading_number(std::string_view(name).substr(kPrefix.size())).value_or(0) : 0;
    f.huge_page_kib += kib * number_of(it->path() / "nr_hugepages").value_or(0);
    f.huge_page_kib_free += kib * number_of(it->path() / "free_hugepages").value_or(0);
  }
}

}  // namespace

CaptureFacts capture_facts(const std::string& interface) {
  CaptureFacts f;
  f.interface = interface;
  add_link(f);
  add_card(f);
  add_host(f);
  return f;
}

/// A Toeplitz hash does not change when addresses and ports are swapped if its key repeats every 16 bits (Woo and Park, 2012).
bool is_symmetric(const RssHash& hash) {
  if (!hash.toeplitz || hash.symmetric_input) return true;
  for (size_t i = 2; i < hash.key.size(); i++)
    if (hash.key[i] != hash.key[i - 2]) return false;
  return true;
}

}  // namespace sensor
