#include "aggregate.h"

#include <algorithm>

namespace sensor {

std::vector<NameCount> NameCounter::sorted() const {
  std::vector<NameCount> out;
  for (const auto& [name, sums] : counts_) out.push_back({std::string(name), sums.connections, sums.packets, sums.bytes});
  std::stable_sort(out.begin(), out.end(), [](const NameCount& a, const NameCount& b) { return a.connections > b.connections; });
  return out;
}

void ConnectionAggregate::add_direction(const IpAddress& from, const IpAddress& to, uint64_t bytes, uint64_t packets) {
  if (packets == 0) return;
  sketch(TopRole::Source, TopMetric::Volume).add(from, bytes);
  sketch(TopRole::Source, TopMetric::Packets).add(from, packets);
  sketch(TopRole::Destination, TopMetric::Volume).add(to, bytes);
  sketch(TopRole::Destination, TopMetric::Packets).add(to, packets);
}

void ConnectionAggregate::add(const EndedConnection& c) {
  add_direction(c.orig, c.resp, c.orig_bytes, c.orig_packets);
  add_direction(c.resp, c.orig, c.resp_bytes, c.resp_packets);
  sketch(TopRole::Source, TopMetric::Connections).add(c.orig, 1);
  sketch(TopRole::Destination, TopMetric::Connections).add(c.resp, 1);
  for (std::string_view service : c.services) {
    if (!service.empty()) services_.add(service, c);
  }
  if (!c.application.empty()) applications_.add(c.application, c);
}

ConnectionAggregate& ConnectionAggregate::operator+=(const ConnectionAggregate& o) {
  for (size_t i = 0; i < sketches_.size(); i++) sketches_[i].merge(o.sketches_[i]);
  services_ += o.services_;
  applications_ += o.applications_;
  return *this;
}

void ConnectionAggregate::clear() {
  for (AddressSketch& s : sketches_) s.clear();
  services_.clear();
  applications_.clear();
}

void ConnectionAggregate::report(size_t top_count, StatsReport& out) const {
  out.services = services_.sorted();
  out.applications = applications_.sorted();
  for (size_t r = 0; r < kTopRoles; r++) {
    for (size_t m = 0; m < kTopMetrics; m++) {
      const AddressSketch& s = sketches_[r * kTopMetrics + m];
      out.top.totals[m] = s.total();
      auto& list = out.top.lists[r][m];
      list.clear();
      for (const auto& item : s.top(top_count)) list.push_back({item.key, item.sum, item.error});
    }
  }
}

}  // namespace sensor
