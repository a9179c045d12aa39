// What a TLS connection costs: reading a ClientHello, a whole TLS 1.2 handshake with its certificate, encrypted records, and a certificate.
#include <benchmark/benchmark.h>

#include "bench/quiet_context.h"
#include "dpi/tls/handshake.h"
#include "dpi/x509/x509.h"
#include "src/session/tls_analyzer.h"
#include "test_certificates.h"
#include "tls_messages.h"

namespace sensor {
namespace {

using namespace test;

std::vector<uint8_t> client_hello() {
  ByteWriter extensions;
  extensions.bytes(server_name_extension("www.example.com")).bytes(alpn_extension({"h2", "http/1.1"}));
  return client_hello_body(0x0303, {}, extensions).get();
}

void BM_ParseClientHello(benchmark::State& state) {
  const auto body = client_hello();
  for (auto _ : state) {
    tls::ClientHello hello;
    benchmark::DoNotOptimize(tls::parse_client_hello(body, hello));
  }
}
BENCHMARK(BM_ParseClientHello);

void BM_Handshake(benchmark::State& state) {
  const std::vector<uint8_t> leaf = from_hex(kLeafHex), root = from_hex(kRootHex);
  const ByteWriter hello = handshake_record(1, client_hello());
  ByteWriter server;
  server.bytes(handshake_record(2, server_hello_body(0x0303, {}, 0xc02f, {})))
      .bytes(handshake_record(11, certificate_body({leaf, root})))
      .bytes(handshake_record(12, ecdhe_body(23)))
      .bytes(handshake_record(14, {}));
  ByteWriter finish;
  finish.bytes(handshake_record(16, ByteWriter().counted(1, ByteWriter().zeros(65, 4))))
      .bytes(tls_record(20, ByteWriter().u8(1)))
      .bytes(tls_record(22, ByteWriter().zeros(40, 9)));
  ByteWriter server_finish;
  server_finish.bytes(tls_record(20, ByteWriter().u8(1))).bytes(tls_record(22, ByteWriter().zeros(40, 9)));
  bench::QuietContext c(Transport::Tcp, 443);
  for (auto _ : state) {
    TlsAnalyzer analyzer;
    analyzer.on_data(c, Direction::Orig, hello);
    analyzer.on_data(c, Direction::Resp, server);
    analyzer.on_data(c, Direction::Orig, finish);
    analyzer.on_data(c, Direction::Resp, server_finish);
    analyzer.on_finish(c);
    c.next();
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(BM_Handshake);

void BM_ParseCertificate(benchmark::State& state) {
  const std::vector<uint8_t> leaf = from_hex(kLeafHex);
  for (auto _ : state) benchmark::DoNotOptimize(x509::parse_certificate(leaf));
}
BENCHMARK(BM_ParseCertificate);

}  // namespace
}  // namespace sensor
