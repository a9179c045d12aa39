// What is known of an interface and its host that matters to a capture.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "ethtool.h"

namespace sensor {

/// Optional values: the kernel or the driver does not say.
struct CaptureFacts {
  std::string interface;
  // The link.
  bool may_capture = true;  // a packet socket can be opened
  bool up = false, carrier = false, promiscuous = false, wireless = false;
  bool has_address = false;  // this host's own traffic goes over it
  uint64_t mtu = 0;
  std::string speed;  // "10000 Mb/s"
  DriverInfo driver;
  uint64_t frames_too_long = 0;  // dropped by the card since it is up
  // The card.
  std::vector<std::string> merging_receive, merging_send;  // offloads that are on
  std::optional<RingSize> ring;
  uint64_t queues = 1;
  std::optional<RssHash> rss;
  bool rss_fields_pair = true;
  // The host.
  std::optional<bool> clock_synchronised;
  std::string clock_source;  // "tsc"
  uint64_t cores = 1;
  std::string governor;  // of the processors' frequency: "performance"
  uint64_t numa_nodes = 1;
  std::optional<uint64_t> numa_node;                   // where the card is
  std::string numa_cores;                              // of that node: "0-7"
  uint64_t huge_page_kib = 0, huge_page_kib_free = 0;  // of all sizes of pages
};

/// Asks the kernel. The interface exists. Any thread.
CaptureFacts capture_facts(const std::string& interface);
/// The hash is the same for both directions of a connection.
bool is_symmetric(const RssHash& hash);

}  // namespace sensor
