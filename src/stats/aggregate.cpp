#include "aggregate.h"

#include <algorithm>
#include <map>

namespace sensor {
namespace {

struct Volume {
  uint64_t bytes, packets;
};

}  // namespace

std::vector<NameCount> NameCounter::sorted() const {
  std::map<std::string_view, Sums> by_name;
  counts_.for_each([&](const Name& n, const Sums& sums) { by_name[{n.begin, n.size}] += sums; });
  std::vector<NameCount> out;
  for (const auto& [name, sums] : by_name) out.push_back({std::string(name), sums.connections, sums.packets, sums.bytes});
  std::stable_sort(out.begin(), out.end(), [](const NameCount& a, const NameCount& b) { return a.connections > b.connections; });
  return out;
}

void ConnectionAggregate::add(const EndedConnection& c) {
  const auto add_address = [this](const IpAddress& address, const Volume& sent, const Volume& received, bool is_source) {
    AddressSketch::Sums sums;
    sums[sum_index(TopRole::Source, TopMetric::Volume)] = sent.bytes;
    sums[sum_index(TopRole::Source, TopMetric::Packets)] = sent.packets;
    sums[sum_index(TopRole::Source, TopMetric::Connections)] = is_source ? 1 : 0;
    sums[sum_index(TopRole::Destination, TopMetric::Volume)] = received.bytes;
    sums[sum_index(TopRole::Destination, TopMetric::Packets)] = received.packets;
    sums[sum_index(TopRole::Destination, TopMetric::Connections)] = is_source ? 0 : 1;
    addresses_.add(address, sums);
  };
  const Volume from_orig{c.orig_bytes, c.orig_packets}, from_resp{c.resp_bytes, c.resp_packets};
  add_address(c.orig, from_orig, from_resp, true);
  add_address(c.resp, from_resp, from_orig, false);
  for (std::string_view service : c.services) {
    if (!service.empty()) services_.add(service, c);
  }
  if (!c.application.empty()) applications_.add(c.application, c);
}

ConnectionAggregate& ConnectionAggregate::operator+=(const ConnectionAggregate& o) {
  addresses_.merge(o.addresses_);
  services_ += o.services_;
  applications_ += o.applications_;
  return *this;
}

void ConnectionAggregate::clear() {
  addresses_.clear();
  services_.clear();
  applications_.clear();
}

void ConnectionAggregate::report(size_t top_count, StatsReport& out) const {
  out.services = services_.sorted();
  out.applications = applications_.sorted();
  for (size_t r = 0; r < kTopRoles; r++) {
    for (size_t m = 0; m < kTopMetrics; m++) {
      const size_t sum = sum_index(static_cast<TopRole>(r), static_cast<TopMetric>(m));
      out.top.totals[m] = addresses_.total(sum);
      auto& list = out.top.lists[r][m];
      list.clear();
      for (const auto& item : addresses_.top(top_count, sum)) list.push_back({item.key, item.sum, item.error});
    }
  }
}

}  // namespace sensor
