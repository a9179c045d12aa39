#include "dpi/ocsp/ocsp.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  (void)sensor::ocsp::parse_response({data, size});
  return 0;
}
