// Input: tokens of GSSAPI and messages of NTLM, two bytes of length before each, whose highest bit says NTLM.
#include <algorithm>

#include "fake_context.h"
#include "src/session/authentication.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace sensor;
  FakeContext c;
  Authentication authentication;
  Authentication::Gssapi conversation;
  ByteReader r(Bytes(data, size));
  while (!r.empty()) {
    const uint16_t head = r.u16();
    const Bytes piece = r.bytes(std::min<size_t>(head & 0x7fff, r.remaining()));
    if ((head & 0x8000) != 0) {
      authentication.ntlm_message(c, piece);
    } else {
      authentication.gssapi_token(c, conversation, piece);
    }
  }
  authentication.finish(c);
  if (c.catcher.writer().records_too_large() != 0) __builtin_trap();
  return 0;
}
