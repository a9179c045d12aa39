// A fuzzer's input as what an analyzer of a TCP connection is fed.
#pragma once

#include <algorithm>

#include "fake_context.h"

namespace sensor {

/// Pieces of a connection: two bytes of length before each, whose highest bit says that it comes from the server. A piece of no bytes is a
/// gap. Both directions end behind the last piece. Ends when the analyzer says that it is done, as the session does.
inline void feed_pieces(Bytes input, Analyzer& analyzer, FakeContext& c) {
  ByteReader r(input);
  while (!r.empty() && c.done_calls == 0) {
    const uint16_t head = r.u16();
    const Bytes piece = r.bytes(std::min<size_t>(head & 0x7fff, r.remaining()));
    const Direction d = (head & 0x8000) != 0 ? Direction::Resp : Direction::Orig;
    if (piece.empty()) {
      analyzer.on_gap(c, d, 1);
    } else {
      analyzer.on_data(c, d, piece);
    }
  }
  for (const Direction d : {Direction::Orig, Direction::Resp})
    if (c.done_calls == 0) analyzer.on_eof(c, d);
  analyzer.on_finish(c);
}

}  // namespace sensor
