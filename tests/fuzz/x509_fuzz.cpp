#include "dpi/x509/x509.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (const auto cert = sensor::x509::parse_certificate({data, size})) (void)cert->matches_host("www.example.com");
  return 0;
}
