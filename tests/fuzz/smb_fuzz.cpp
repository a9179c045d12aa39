// Pieces of a connection: two bytes of length before each, whose highest bit says that it comes from the server. A piece of no bytes is a
// gap.
#include <algorithm>

#include "fake_context.h"
#include "sensor/session/file_analysis.h"
#include "src/session/smb_analyzer.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace sensor;
  FakeContext c;
  FileAnalysis files;
  c.file_analysis = &files;
  SmbAnalyzer analyzer;
  ByteReader r({data, size});
  probe_smb({Bytes(data, size), Bytes(data, size)});
  while (!r.empty()) {
    const uint16_t head = r.u16();
    const Bytes piece = r.bytes(std::min<size_t>(head & 0x7fff, r.remaining()));
    const Direction d = (head & 0x8000) != 0 ? Direction::Resp : Direction::Orig;
    if (piece.empty()) {
      analyzer.on_gap(c, d, 1);
    } else {
      analyzer.on_data(c, d, piece);
    }
  }
  analyzer.on_finish(c);
  files.finish(c.catcher.writer(), c.now_ns);
  if (c.catcher.writer().records_too_large() != 0) __builtin_trap();
  return 0;
}
