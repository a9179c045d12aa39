// An ARP packet.
#include "dpi/arp/arp.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto m = sensor::arp::parse(sensor::Bytes(data, size));
  if (m && (m->announces() || m->claims())) sensor::arp::operation_name(m->operation);
  return 0;
}
