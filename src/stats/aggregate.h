// Sums over ended connections: names and addresses.
#pragma once

#include <map>
#include <string_view>

#include "sensor/base/hash.h"
#include "sensor/stats/report.h"
#include "sensor/stats/top_sketch.h"
#include "sensor/stats/worker_stats.h"

namespace sensor {

struct AddressHash {
  uint64_t operator()(const IpAddress& a) const { return mix64(a.hi() ^ 0x2545f4914f6cdd1d, a.lo()); }
};
using AddressSketch = TopSketch<IpAddress, AddressHash>;

/// Connections and their traffic by name. Names have static storage, so their number is bounded by what the program knows.
class NameCounter {
 public:
  void add(std::string_view name, const EndedConnection& c) {
    counts_[name] += {1, c.orig_packets + c.resp_packets, c.orig_bytes + c.resp_bytes};
  }
  NameCounter& operator+=(const NameCounter& o) {
    for (const auto& [name, sums] : o.counts_) counts_[name] += sums;
    return *this;
  }
  void clear() { counts_.clear(); }
  /// Most frequent first; equal counts in the order of the names.
  std::vector<NameCount> sorted() const;

 private:
  struct Sums {
    uint64_t connections = 0, packets = 0, bytes = 0;

    Sums& operator+=(const Sums& o) {
      connections += o.connections;
      packets += o.packets;
      bytes += o.bytes;
      return *this;
    }
  };

  std::map<std::string_view, Sums> counts_;
};

/// The statistics of ended connections over a stretch of time. Belongs to the statistics thread.
class ConnectionAggregate {
 public:
  explicit ConnectionAggregate(size_t sketch_capacity) : sketches_(kTopRoles * kTopMetrics, AddressSketch(sketch_capacity)) {}

  void add(const EndedConnection& c);
  ConnectionAggregate& operator+=(const ConnectionAggregate& o);
  void clear();
  /// Fills services, applications and top lists.
  void report(size_t top_count, StatsReport& out) const;

 private:
  AddressSketch& sketch(TopRole r, TopMetric m) { return sketches_[static_cast<size_t>(r) * kTopMetrics + static_cast<size_t>(m)]; }
  void add_direction(const IpAddress& from, const IpAddress& to, uint64_t bytes, uint64_t packets);

  std::vector<AddressSketch> sketches_;
  NameCounter services_, applications_;
};

}  // namespace sensor
