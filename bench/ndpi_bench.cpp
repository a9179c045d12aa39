// What an application label costs: by confirmed protocol and host name, by port and address, by search; and a context.
#include <benchmark/benchmark.h>

#include "decoded_packet.h"
#include "dpi/ndpi/ndpi_classifier.h"

namespace sensor {
namespace {

const FiveTuple kTcp = test::five_tuple(ipproto::kTcp, "10.0.0.1", 40000, "198.51.100.7", 443);
const FiveTuple kUdp = test::five_tuple(ipproto::kUdp, "10.0.0.1", 40000, "198.51.100.7", 40001);

NdpiClassifier& classifier() {
  static NdpiClassifier c;
  return c;
}

void BM_Context(benchmark::State& state) {
  for (auto _ : state) {
    NdpiClassifier c;
    benchmark::DoNotOptimize(c.guess(kTcp));
  }
}
BENCHMARK(BM_Context)->Unit(benchmark::kMillisecond);

void BM_ConfirmedTlsKnownHost(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(classifier().confirmed(ConfirmedProtocol::Tls, "rr4---sn-4g5lzned.googlevideo.com", kTcp));
}
BENCHMARK(BM_ConfirmedTlsKnownHost);

void BM_ConfirmedDnsUnknownHost(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(classifier().confirmed(ConfirmedProtocol::Dns, "www.some-shop.example.com", kUdp));
}
BENCHMARK(BM_ConfirmedDnsUnknownHost);

void BM_Guess(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(classifier().guess(kTcp));
}
BENCHMARK(BM_Guess);

/// A connection of range(0) packets that nDPI does not recognise.
void search(benchmark::State& state, const FiveTuple& tuple) {
  const std::string payload(200, '\x5a');
  DecodedPacket p = test::decoded_packet(tuple, as_bytes(payload));
  for (auto _ : state) {
    const NdpiLease lease = classifier().lease(true, 1);
    for (int64_t i = 0; i < state.range(0); i++) {
      p.tcp.seq += 200;
      if (classifier().feed(lease, p)) break;
    }
    benchmark::DoNotOptimize(classifier().finish(lease));
  }
  state.SetItemsProcessed(state.iterations());
}
void BM_SearchUnknownTcp(benchmark::State& state) {
  search(state, kTcp);
}
void BM_SearchUnknownUdp(benchmark::State& state) {
  search(state, kUdp);
}
BENCHMARK(BM_SearchUnknownTcp)->Arg(1)->Arg(4)->Arg(16);
BENCHMARK(BM_SearchUnknownUdp)->Arg(1)->Arg(4)->Arg(16);

}  // namespace
}  // namespace sensor
