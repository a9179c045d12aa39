// The beginning of a file: what its first half settles, the rest does not change.
#include <cstdlib>

#include "dpi/filetype/filetype.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const sensor::Bytes all(data, size);
  const auto early = sensor::filetype::settled_mime_type(all.first(size / 2));
  if (early && *early != sensor::filetype::mime_type(all)) std::abort();
  return 0;
}
