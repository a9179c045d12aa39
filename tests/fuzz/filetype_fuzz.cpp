// The beginning of a file.
#include "dpi/filetype/filetype.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  sensor::filetype::mime_type(sensor::Bytes(data, size));
  return 0;
}
