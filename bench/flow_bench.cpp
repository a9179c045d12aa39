// What finding a packet's flow costs among 1 thousand to 10 million, in random order and in bursts, beside absl::flat_hash_map and DPDK's
// rte_hash; and what an established connection's packet costs in all, headers included. Every lookup also reads the flow it found, because
// that is what comes next.
#include <absl/container/flat_hash_map.h>
#include <benchmark/benchmark.h>

#include <random>
#include <vector>

#include "packet_bytes.h"
#include "sensor/base/hash.h"
#include "sensor/flow/flow_table.h"
#include "sensor/flow/flow_tracker.h"
#include "sensor/net/decoder.h"

#ifdef SENSOR_BENCH_RTE_HASH
#include <rte_eal.h>
#include <rte_hash.h>
#include <rte_hash_crc.h>
#endif

namespace sensor {

template <typename H>
H AbslHashValue(H h, const FlowKey& k) {
  return H::combine(std::move(h), k.addr[0].hi(), k.addr[0].lo(), k.addr[1].hi(), k.addr[1].lo(), k.port[0], k.port[1], k.ip_proto);
}

namespace {

constexpr size_t kBurst = 64;
/// Lookups are drawn from this many prepared keys, more than any cache holds; they lie in memory in the order of use.
constexpr size_t kLookups = 1 << 20;

FlowKey key_of(uint32_t i) {
  FlowKey k;
  k.addr = {IpAddress::v4(0x0a000000 + i / 50'000), IpAddress::v4(0xc0a80001)};
  k.port = {static_cast<uint16_t>(1024 + i % 50'000), 443};
  k.ip_proto = ipproto::kTcp;
  return k;
}

std::vector<FlowKey> lookups(uint32_t flows) {
  std::mt19937 random(1);
  std::vector<FlowKey> keys(kLookups);
  for (FlowKey& k : keys) k = key_of(static_cast<uint32_t>(random() % flows));
  return keys;
}

void sizes(benchmark::internal::Benchmark* b) {
  for (int64_t n : {1'000, 10'000, 100'000, 1'000'000, 10'000'000}) b->Arg(n);
}

void BM_FlowTable(benchmark::State& state) {
  const auto n = static_cast<uint32_t>(state.range(0));
  FlowTable table(n, 1);
  for (uint32_t i = 0; i < n; i++) {
    const FlowKey k = key_of(i);
    table.insert(k, table.hash(k));
  }
  const std::vector<FlowKey> keys = lookups(n);
  std::array<uint64_t, kBurst> hashes;
  TimeNs sum = 0;
  size_t at = 0;
  for (auto _ : state) {
    const FlowKey* burst = &keys[at];
    for (size_t i = 0; i < kBurst; i++) table.prefetch_bucket(hashes[i] = table.hash(burst[i]));
    for (size_t i = 0; i < kBurst; i++) table.prefetch_flow(hashes[i]);
    for (size_t i = 0; i < kBurst; i++) sum += table.find(burst[i], hashes[i])->last_ns;
    at = (at + kBurst) % kLookups;
  }
  benchmark::DoNotOptimize(sum);
  state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(kBurst));
}
BENCHMARK(BM_FlowTable)->Apply(sizes);

void BM_AbslFlatHashMap(benchmark::State& state) {
  const auto n = static_cast<uint32_t>(state.range(0));
  absl::flat_hash_map<FlowKey, uint32_t> map(n);
  std::vector<Flow> flows(n);
  for (uint32_t i = 0; i < n; i++) map.emplace(key_of(i), i);
  const std::vector<FlowKey> keys = lookups(n);
  TimeNs sum = 0;
  size_t at = 0;
  for (auto _ : state) {
    const FlowKey* burst = &keys[at];
    for (size_t i = 0; i < kBurst; i++) map.prefetch(burst[i]);
    for (size_t i = 0; i < kBurst; i++) sum += flows[map.find(burst[i])->second].last_ns;
    at = (at + kBurst) % kLookups;
  }
  benchmark::DoNotOptimize(sum);
  state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(kBurst));
}
BENCHMARK(BM_AbslFlatHashMap)->Apply(sizes);

#ifdef SENSOR_BENCH_RTE_HASH
bool start_eal() {
  static const bool started = [] {
    static const char* args[] = {"flow_bench", "--no-huge", "--no-pci", "--no-shconf", "-m", "3072", "--log-level", "4", "-l", "0"};
    return rte_eal_init(static_cast<int>(std::size(args)), const_cast<char**>(args)) >= 0;
  }();
  return started;
}

void BM_RteHash(benchmark::State& state) {
  if (!start_eal()) return state.SkipWithError("DPDK's environment does not start");
  const auto n = static_cast<uint32_t>(state.range(0));
  rte_hash_parameters p{};
  p.name = "flows";
  p.entries = n + n / 4;  // cuckoo hashing needs slack
  p.key_len = sizeof(FlowKey);
  p.hash_func = rte_hash_crc;
  rte_hash* table = rte_hash_create(&p);
  if (table == nullptr) return state.SkipWithError("rte_hash_create: no memory");
  std::vector<Flow> flows(p.entries + 1);
  for (uint32_t i = 0; i < n; i++) {
    const FlowKey k = key_of(i);
    if (rte_hash_add_key(table, &k) < 0) {
      rte_hash_free(table);
      return state.SkipWithError("rte_hash_add_key: full");
    }
  }
  const std::vector<FlowKey> keys = lookups(n);
  std::array<const void*, kBurst> pointers;
  std::array<int32_t, kBurst> positions;
  TimeNs sum = 0;
  size_t at = 0;
  for (auto _ : state) {
    for (size_t i = 0; i < kBurst; i++) pointers[i] = &keys[at + i];
    rte_hash_lookup_bulk(table, pointers.data(), kBurst, positions.data());
    for (size_t i = 0; i < kBurst; i++) __builtin_prefetch(&flows[static_cast<size_t>(positions[i])].last_ns);
    for (size_t i = 0; i < kBurst; i++) sum += flows[static_cast<size_t>(positions[i])].last_ns;
    at = (at + kBurst) % kLookups;
  }
  benchmark::DoNotOptimize(sum);
  rte_hash_free(table);
  state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(kBurst));
}
BENCHMARK(BM_RteHash)->Apply(sizes);
#endif

/// Reads nothing: a connection whose protocol is settled.
struct Idle {
  void on_new(Flow&, const DecodedPacket&) {}
  void on_packet(Flow&, Direction, const DecodedPacket&) {}
  void on_datagram(Flow&, Direction, const DecodedPacket&) {}
  void on_data(Flow&, Direction, Bytes) {}
  void on_gap(Flow&, Direction, uint64_t) {}
  void on_eof(Flow&, Direction) {}
  void on_established(Flow&) {}
  void on_flip(Flow&) {}
  void on_weird(Flow&, const Weird&) {}
  void on_remove(Flow&, TimeNs, RemoveReason) {}
};

/// A segment as a frame, whose addresses, ports and numbers are written into it.
class Frames {
 public:
  explicit Frames(uint8_t flags, size_t payload = 0)
      : bytes_(test::ethernet(0x0800, test::ipv4(ipproto::kTcp, test::tcp({.flags = flags}, test::Octets(payload, 'x'))))) {}
  Bytes of(uint32_t flow, bool from_orig, uint32_t seq, uint32_t ack) {
    const FlowKey k = key_of(flow);
    const size_t src = from_orig ? 0 : 1;
    put(26, k.addr[src].v4_value(), 4), put(30, k.addr[1 - src].v4_value(), 4);
    put(34, k.port[src], 2), put(36, k.port[1 - src], 2);
    put(38, seq, 4), put(42, ack, 4);
    return bytes_;
  }

 private:
  void put(size_t at, uint32_t v, size_t width) {
    for (size_t i = 0; i < width; i++) bytes_[at + i] = static_cast<uint8_t>(v >> 8 * (width - 1 - i));
  }
  test::Octets bytes_;
};

/// A plain acknowledgement of one of `n` connections that have exchanged data, from its frame to the counters of its flow.
void BM_EstablishedPacket(benchmark::State& state) {
  const auto n = static_cast<uint32_t>(state.range(0));
  FlowConfig config;
  config.capacity = n + 64;
  Idle idle;
  FlowTracker<Idle> tracker(config, idle);
  DecodeCounters counters;
  Decoder decoder({.ignore_checksums = true}, &counters);
  std::array<DecodedPacket, kBurst> packets;
  const auto decode = [&](size_t i, Bytes frame) {
    PacketView v;
    v.data = frame, v.ts_ns = kSecond, v.wire_len = static_cast<uint32_t>(frame.size());
    decoder.decode(v, packets[i]);
  };
  Frames syn(tcpflag::kSyn), syn_ack(tcpflag::kSyn | tcpflag::kAck), ack(tcpflag::kAck), data(tcpflag::kAck, 100);
  for (uint32_t i = 0; i < n; i++) {
    const auto play = [&](const Bytes& frame) {
      decode(0, frame);
      tracker.process(std::span(packets).first(1));
    };
    play(syn.of(i, true, 1000, 0)), play(syn_ack.of(i, false, 2000, 1001)), play(data.of(i, true, 1001, 2001));
    play(data.of(i, false, 2001, 1101)), play(ack.of(i, true, 1101, 2101)), play(ack.of(i, false, 2101, 1101));
  }
  std::mt19937 random(1);
  std::vector<std::array<uint8_t, 54>> frames(kLookups);
  for (auto& f : frames) {
    const bool from_orig = random() % 2 == 0;
    const Bytes b = ack.of(static_cast<uint32_t>(random() % n), from_orig, from_orig ? 1101 : 2101, from_orig ? 2101 : 1101);
    std::copy(b.begin(), b.end(), f.begin());
  }
  size_t at = 0;
  for (auto _ : state) {
    for (size_t i = 0; i < kBurst; i++) decode(i, frames[at + i]);
    tracker.process(packets);
    at = (at + kBurst) % kLookups;
  }
  if (tracker.size() != n) state.SkipWithError("connections were lost");
  state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(kBurst));
}
BENCHMARK(BM_EstablishedPacket)->Arg(1'000)->Arg(100'000)->Arg(1'000'000);

}  // namespace
}  // namespace sensor
