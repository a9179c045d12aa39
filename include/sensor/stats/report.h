// What the statistics say about a stretch of packet time.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "sensor/base/time.h"
#include "sensor/net/ip_address.h"

namespace sensor {

/// Connections by transport, in the order of enum Transport: unknown, TCP, UDP, ICMP.
using PerTransport = std::array<uint64_t, 4>;
constexpr uint64_t sum(const PerTransport& p) {
  return p[0] + p[1] + p[2] + p[3];
}

struct TrafficCounts {
  uint64_t packets = 0;
  uint64_t bytes = 0;     // on the wire, link layer included
  PerTransport opened{};  // connections that began
  PerTransport ended{};   // connections that ended
  uint64_t acks = 0;      // of new data in established TCP connections
  uint64_t gaps = 0;      // of those: acknowledged something that was not seen

  TrafficCounts& operator+=(const TrafficCounts& o);
};

/// A protocol or application, the connections that had it, and their IP packets and bytes in both directions.
struct NameCount {
  std::string name;
  uint64_t connections = 0;
  uint64_t packets = 0, bytes = 0;
};

enum class TopRole : uint8_t { Source, Destination, kCount };
/// What a list is ordered by; volume is in bytes.
enum class TopMetric : uint8_t { Volume, Packets, Connections, kCount };
inline constexpr size_t kTopRoles = static_cast<size_t>(TopRole::kCount), kTopMetrics = static_cast<size_t>(TopMetric::kCount);

/// An address and what it sent (as a source: bytes and packets it sent, connections it opened) or received (as a destination). Counted
/// when connections end. The true value lies between value - error and value.
struct TopAddress {
  IpAddress address;
  uint64_t value = 0;
  uint64_t error = 0;
};

struct TopLists {
  std::array<std::array<std::vector<TopAddress>, kTopMetrics>, kTopRoles> lists;  // largest first
  /// Everything that was counted, by metric; the same for both roles.
  std::array<uint64_t, kTopMetrics> totals{};

  const std::vector<TopAddress>& list(TopRole r, TopMetric m) const { return lists[static_cast<size_t>(r)][static_cast<size_t>(m)]; }
};

/// One interval, or the whole run.
struct StatsReport {
  TimeNs start_ns = 0;  // of the interval, or the first packet in it when that is the run's first
  TimeNs end_ns = 0;    // of the interval, or the last packet time when the run ended in it
  TrafficCounts traffic;
  PerTransport active{};                          // connections open at the end
  std::vector<NameCount> services, applications;  // of connections that ended, most frequent first
  TopLists top;

  uint64_t connections() const { return sum(traffic.opened); }
  double seconds() const { return static_cast<double>(end_ns - start_ns) / static_cast<double>(kSecond); }
};

}  // namespace sensor
