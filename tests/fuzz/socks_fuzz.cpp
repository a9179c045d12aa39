// Messages of a connection: a byte of length before each, whose highest bit says that it comes from the server.
#include <algorithm>

#include "fake_context.h"
#include "src/session/socks_analyzer.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace sensor;
  FakeContext c;
  SocksAnalyzer analyzer;
  ByteReader r({data, size});
  probe_socks({Bytes(data, size), Bytes(data, size)});
  while (!r.empty()) {
    const uint8_t head = r.u8();
    const Bytes piece = r.bytes(std::min<size_t>(head & 0x7f, r.remaining()));
    analyzer.on_data(c, (head & 0x80) != 0 ? Direction::Resp : Direction::Orig, piece);
  }
  analyzer.on_finish(c);
  if (c.rows("socks").size() > 1) __builtin_trap();
  return 0;
}
