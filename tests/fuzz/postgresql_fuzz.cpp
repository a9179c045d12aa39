// Pieces of a connection: two bytes of length before each, whose highest bit says that it comes from the server.
#include <algorithm>

#include "fake_context.h"
#include "src/session/postgresql_analyzer.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace sensor;
  FakeContext c;
  PostgresqlAnalyzer analyzer;
  ByteReader r({data, size});
  probe_postgresql({Bytes(data, size), Bytes(data, size)});
  while (!r.empty() && c.done_calls == 0) {
    const uint16_t head = r.u16();
    const Bytes piece = r.bytes(std::min<size_t>(head & 0x7fff, r.remaining()));
    analyzer.on_data(c, (head & 0x8000) != 0 ? Direction::Resp : Direction::Orig, piece);
  }
  analyzer.on_finish(c);
  if (c.catcher.writer().records_too_large() != 0) __builtin_trap();
  return 0;
}
