// What a DNS message costs: reading it, and turning a query with its answer into a row.
#include <benchmark/benchmark.h>

#include "bench/quiet_context.h"
#include "dns_message.h"
#include "dpi/dns/dns.h"
#include "src/session/dns_analyzer.h"

namespace sensor {
namespace {

using test::DnsMessage;
using test::literal;

DnsMessage query() {
  return DnsMessage(1, DnsMessage::kQuery, 1, 0).question("www.some-shop.example.com", 1);
}
DnsMessage answer() {
  return DnsMessage(1, DnsMessage::kReply, 1, 4)
      .question("www.some-shop.example.com", 1)
      .record(5, literal("\3cdn\xc0\x10"))
      .record(1, "\1\2\3\4")
      .record(1, "\1\2\3\5")
      .record(28, std::string(16, 'a'));
}

void read_all(dns::MessageReader& m, Bytes bytes) {
  m.start(bytes, {});
  for (dns::Question q; m.next_question(q);) benchmark::DoNotOptimize(q);
  for (dns::Answer a; m.next_answer(a);) benchmark::DoNotOptimize(a);
}

void BM_ReadQuery(benchmark::State& state) {
  const DnsMessage m = query();
  dns::MessageReader reader;
  for (auto _ : state) read_all(reader, m.bytes());
}
BENCHMARK(BM_ReadQuery);

void BM_ReadAnswer(benchmark::State& state) {
  const DnsMessage m = answer();
  dns::MessageReader reader;
  for (auto _ : state) read_all(reader, m.bytes());
}
BENCHMARK(BM_ReadAnswer);

void BM_QueryAndAnswerToRow(benchmark::State& state) {
  const DnsMessage q = query(), a = answer();
  bench::QuietContext c(Transport::Udp, 53);
  for (auto _ : state) {
    DnsAnalyzer analyzer;
    analyzer.on_data(c, Direction::Orig, q.bytes());
    analyzer.on_data(c, Direction::Resp, a.bytes());
    analyzer.on_finish(c);
  }
  state.SetItemsProcessed(2 * state.iterations());
}
BENCHMARK(BM_QueryAndAnswerToRow);

void BM_ProbeOtherDatagram(benchmark::State& state) {
  const std::string other(512, '\x5a');
  for (auto _ : state) benchmark::DoNotOptimize(dns::looks_like_message(as_bytes(other)));
}
BENCHMARK(BM_ProbeOtherDatagram);

}  // namespace
}  // namespace sensor
