// A TLS connection: two bytes before each chunk tell its direction and length.
#include "fake_context.h"
#include "sensor/session/file_analysis.h"
#include "src/session/tls_analyzer.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace sensor;
  FakeContext c;
  FileAnalysis files;  // of stapled OCSP responses
  c.file_analysis = &files;
  TlsAnalyzer analyzer;
  ByteReader r({data, size});
  (void)probe_tls({.orig = r.whole(), .resp = r.whole()});
  while (!r.empty()) {
    const uint16_t head = r.u16();
    const Bytes chunk = r.bytes(std::min<size_t>(r.remaining(), head & 0x7fff));
    analyzer.on_data(c, (head & 0x8000) != 0 ? Direction::Resp : Direction::Orig, chunk);
  }
  analyzer.on_finish(c);
  files.finish(c.catcher.writer(), c.now_ns);
  if (c.rows("ssl").size() > 1) __builtin_trap();
  return 0;
}
