// Input: see feed_pieces(). Checksums are made right where a frame begins, or nothing would get past them.
#include <vector>

#include "analyzer_pieces.h"
#include "dnp3_frames.h"
#include "src/session/dnp3_analyzer.h"

namespace {

/// Reads pieces of a byte of length and content, and makes a frame of each: a byte of control, and the content.
std::string frames(sensor::Bytes input) {
  sensor::ByteReader r(input);
  std::string out;
  while (!r.empty() && out.size() < 20'000) {
    const size_t n = std::min<size_t>(r.u8() % 251, r.remaining());
    const uint8_t control = r.peek();
    const std::string frame = sensor::test::dnp3_frame(control, sensor::as_chars(r.bytes(n)));
    const size_t from_server = (control & 0x80) != 0 ? 0 : 0x80;
    out += static_cast<char>(from_server | frame.size() >> 8);
    out += static_cast<char>(frame.size());
    out += frame;
  }
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace sensor;
  probe_dnp3({Bytes(data, size), Bytes(data, size)});
  const std::string framed = frames({data, size});
  for (const Bytes input : {Bytes(data, size), as_bytes(framed)}) {
    FakeContext c;
    Dnp3Analyzer analyzer;
    feed_pieces(input, analyzer, c);
    if (c.catcher.writer().records_too_large() != 0) __builtin_trap();
  }
  return 0;
}
