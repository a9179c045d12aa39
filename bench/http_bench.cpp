// What HTTP costs, from bytes in order to rows of http.log and files.log.
#include <benchmark/benchmark.h>

#include <string>

#include "bench/quiet_context.h"
#include "src/session/http_analyzer.h"

namespace sensor {
namespace {

constexpr std::string_view kRequest =
    "GET /index.html?q=1 HTTP/1.1\r\nHost: www.example.com\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:109.0) Gecko/20100101\r\n"
    "Accept: text/html,application/xhtml+xml,application/xml;q=0.9\r\nAccept-Language: en-US,en;q=0.5\r\nConnection: keep-alive\r\n\r\n";

std::string response(size_t body, bool chunked) {
  std::string head = "HTTP/1.1 200 OK\r\nServer: nginx\r\nContent-Type: text/html\r\nCache-Control: max-age=60\r\n";
  const std::string bytes = "<html>" + std::string(body - 6, 'x');
  if (!chunked) return head + "Content-Length: " + std::to_string(body) + "\r\n\r\n" + bytes;
  head += "Transfer-Encoding: chunked\r\n\r\n";
  for (size_t at = 0; at < body; at += 1024) head += "400\r\n" + bytes.substr(at, 1024) + "\r\n";
  return head + "0\r\n\r\n";
}

/// In segments, as a connection brings them.
void deliver(Analyzer& analyzer, AnalyzerContext& c, Direction d, std::string_view bytes) {
  for (; !bytes.empty(); bytes.remove_prefix(std::min<size_t>(1448, bytes.size())))
    analyzer.on_data(c, d, as_bytes(bytes.substr(0, std::min<size_t>(1448, bytes.size()))));
}

void transactions(benchmark::State& state, size_t body, bool chunked) {
  const std::string answer = response(body, chunked);
  bench::QuietContext c(Transport::Tcp, 80);
  for (auto _ : state) {
    HttpAnalyzer analyzer;
    for (int i = 0; i < 4; i++) {
      deliver(analyzer, c, Direction::Orig, kRequest);
      deliver(analyzer, c, Direction::Resp, answer);
    }
    analyzer.on_eof(c, Direction::Orig);
    analyzer.on_eof(c, Direction::Resp);
    analyzer.on_finish(c);
    c.next();
  }
  state.SetItemsProcessed(4 * state.iterations());
  state.SetBytesProcessed(4 * state.iterations() * static_cast<int64_t>(kRequest.size() + answer.size()));
}

void BM_SmallResponse(benchmark::State& state) {
  transactions(state, 512, false);
}
void BM_LargeResponse(benchmark::State& state) {
  transactions(state, 256 * 1024, false);
}
void BM_ChunkedResponse(benchmark::State& state) {
  transactions(state, 64 * 1024, true);
}
BENCHMARK(BM_SmallResponse);
BENCHMARK(BM_LargeResponse);
BENCHMARK(BM_ChunkedResponse);

}  // namespace
}  // namespace sensor
