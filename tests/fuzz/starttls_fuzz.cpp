// Input: pieces of a dialogue; a piece is a byte (bit 7: from the client, bits 0-6: its length) and its bytes.
#include <algorithm>
#include <array>
#include <string>

#include "dpi/starttls/starttls.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace sensor;
  if (size == 0) return 0;
  starttls::Watcher watcher(static_cast<starttls::Carrier>(data[0] % 2));
  std::array<std::string, 2> seen;
  ByteReader r(Bytes(data + 1, size - 1));
  while (!r.empty()) {
    const uint8_t head = r.u8();
    const Bytes piece = r.bytes(std::min<size_t>(head & 0x7f, r.remaining()));
    const bool from_client = (head & 0x80) != 0;
    seen[from_client ? 0 : 1] += as_chars(piece);
    starttls::recognise(as_bytes(seen[0]), as_bytes(seen[1]), data[0] >= 128);
    const starttls::Outcome out = watcher.feed(from_client, piece);
    if (out.consumed > piece.size()) __builtin_trap();
    if (out.state != starttls::Outcome::State::NeedMore) break;
  }
  return 0;
}
