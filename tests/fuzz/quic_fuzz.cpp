// Datagrams of a QUIC connection: two bytes of direction and length before each. A datagram whose length has bit 14 set is the frames of
// an Initial packet, so that what lies behind the encryption is reached.
#include "fake_context.h"
#include "quic_packets.h"
#include "sensor/session/file_analysis.h"
#include "src/session/quic_analyzer.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace sensor;
  constexpr uint16_t kFromServer = 0x8000, kFrames = 0x4000;
  FakeContext c;
  FileAnalysis files;  // of stapled OCSP responses
  c.file_analysis = &files;
  QuicAnalyzer analyzer;
  ByteReader r({data, size});
  const std::vector<uint8_t> id(8, 1);
  while (!r.empty() && c.done_calls == 0) {
    const uint16_t head = r.u16();
    const Bytes chunk = r.bytes(std::min<size_t>(r.remaining(), head & 0x3fff));
    const bool server = (head & kFromServer) != 0;
    const Direction d = server ? Direction::Resp : Direction::Orig;
    if ((head & kFrames) != 0 && chunk.size() >= 4) {
      analyzer.on_data(c, d,
                       test::initial_packet({.from_client = !server, .destination = id, .source = id, .key_id = id, .token = {}}, chunk));
    } else {
      analyzer.on_data(c, d, chunk);
    }
  }
  analyzer.on_finish(c);
  files.finish(c.catcher.writer(), c.now_ns);
  if (c.rows("ssl").size() > 1) __builtin_trap();
  return 0;
}
