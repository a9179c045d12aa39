// Datagrams of a DTLS connection: two bytes of direction and length before each.
#include "fake_context.h"
#include "sensor/session/file_analysis.h"
#include "src/session/dtls_analyzer.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace sensor;
  FakeContext c;
  FileAnalysis files;  // of stapled OCSP responses
  c.file_analysis = &files;
  DtlsAnalyzer analyzer;
  ByteReader r({data, size});
  while (!r.empty()) {
    const uint16_t head = r.u16();
    const Bytes datagram = r.bytes(std::min<size_t>(r.remaining(), head & 0x7fff));
    (void)probe_dtls({.orig = datagram, .resp = {}});
    analyzer.on_data(c, (head & 0x8000) != 0 ? Direction::Resp : Direction::Orig, datagram);
  }
  analyzer.on_finish(c);
  files.finish(c.catcher.writer(), c.now_ns);
  if (c.rows("ssl").size() > 1) __builtin_trap();
  return 0;
}
