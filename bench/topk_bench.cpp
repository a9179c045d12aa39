// What one address costs in the sketch behind top_ips.log: heavy hitters only, and as many different addresses as packets.
#include <benchmark/benchmark.h>

#include <random>
#include <vector>

#include "sensor/base/hash.h"
#include "sensor/net/ip_address.h"
#include "sensor/stats/top_sketch.h"

namespace sensor {
namespace {

struct AddressHash {
  uint64_t operator()(const IpAddress& a) const { return mix64(a.hi(), a.lo()); }
};

void add(benchmark::State& state, uint32_t addresses) {
  std::mt19937 random(1);
  std::vector<IpAddress> keys(1 << 16);
  for (auto& k : keys) k = IpAddress::v4(static_cast<uint32_t>(random() % addresses));
  TopSketch<IpAddress, AddressHash> sketch(4096);
  size_t i = 0;
  for (auto _ : state) sketch.add(keys[i++ % keys.size()], {1500});
  state.SetItemsProcessed(state.iterations());
}
void BM_FewAddresses(benchmark::State& state) {
  add(state, 1000);
}
void BM_ManyAddresses(benchmark::State& state) {
  add(state, 1'000'000'000);
}
BENCHMARK(BM_FewAddresses);
BENCHMARK(BM_ManyAddresses);

}  // namespace
}  // namespace sensor
