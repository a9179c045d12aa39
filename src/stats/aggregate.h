// Sums over ended connections: names and addresses.
#pragma once

#include <string_view>

#include "sensor/base/flat_map.h"
#include "sensor/base/hash.h"
#include "sensor/stats/report.h"
#include "sensor/stats/top_sketch.h"
#include "sensor/stats/worker_stats.h"

namespace sensor {

struct AddressHash {
  uint64_t operator()(const IpAddress& a) const { return mix64(a.hi() ^ 0x2545f4914f6cdd1d, a.lo()); }
};
/// A sum for each role and metric.
using AddressSketch = TopSketch<IpAddress, AddressHash, kTopRoles * kTopMetrics>;
constexpr size_t sum_index(TopRole r, TopMetric m) {
  return static_cast<size_t>(r) * kTopMetrics + static_cast<size_t>(m);
}

/// Connections and their traffic by name. Names have static storage, so their number is bounded by what the program knows; they are told
/// apart by where they stand, and equal ones brought together in the end.
class NameCounter {
 public:
  void add(std::string_view name, const EndedConnection& c) {
    *counts_.try_emplace(name).first += {1, c.orig_packets + c.resp_packets, c.orig_bytes + c.resp_bytes};
  }
  NameCounter& operator+=(const NameCounter& o) {
    o.counts_.for_each([this](const Name& name, const Sums& sums) { *counts_.try_emplace(name).first += sums; });
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

  /// Where a name stands.
  struct Name {
    const char* begin = nullptr;
    size_t size = 0;

    Name() = default;
    Name(std::string_view name) : begin(name.data()), size(name.size()) {}
    bool operator==(const Name&) const = default;
  };
  struct Hash {
    uint64_t operator()(const Name& n) const { return mix64(reinterpret_cast<uintptr_t>(n.begin), n.size); }
  };

  FlatMap<Name, Sums, Hash> counts_;
};

/// The statistics of ended connections over a stretch of time. Belongs to the statistics thread.
class ConnectionAggregate {
 public:
  explicit ConnectionAggregate(size_t sketch_capacity) : addresses_(sketch_capacity) {}

  void add(const EndedConnection& c);
  /// Of a connection that is added soon: first this, then that.
  void prefetch_index(const EndedConnection& c) const {
    addresses_.prefetch_index(c.orig);
    addresses_.prefetch_index(c.resp);
  }
  void prefetch(const EndedConnection& c) const {
    addresses_.prefetch(c.orig);
    addresses_.prefetch(c.resp);
  }
  ConnectionAggregate& operator+=(const ConnectionAggregate& o);
  void clear();
  /// Fills services, applications and top lists.
  void report(size_t top_count, StatsReport& out) const;

 private:
  AddressSketch addresses_;
  NameCounter services_, applications_;
};

}  // namespace sensor
