// Input: one byte, its lowest bit ICMPv6, then an ICMP message without its checksum: type, code, second word, payload.
#include "dpi/icmp/icmp.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  sensor::ByteReader in(sensor::Bytes(data, size));
  const bool v6 = (in.u8() & 1) != 0;
  const uint8_t type = in.u8(), code = in.u8();
  const uint32_t rest = in.u32();
  sensor::icmp::parse(v6, type, code, rest, in.rest());
  sensor::icmp::type_name(v6, type);
  return 0;
}
