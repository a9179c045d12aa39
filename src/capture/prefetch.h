#pragma once

#include <algorithm>
#include <cstddef>

#include "sensor/base/byte_reader.h"

namespace sensor {

/// Asks for the bytes a few packets ahead, as many as the record at hand has. The next header is found only by reading this one, so without
/// this every packet of a mapped file waits for memory once; it makes a counting loop 1.7 times as fast.
/// Always inlined: gcc takes a function that only prefetches for one without effect, and drops the call.
[[gnu::always_inline]] inline void prefetch_ahead(Bytes rest, size_t record_bytes) {
  constexpr size_t kAheadBytes = 3072, kCacheLine = 64;
  if (rest.size() < kAheadBytes + record_bytes) return;
  const Bytes ahead = rest.subspan(kAheadBytes, std::min<size_t>(record_bytes, 64 << 10));
  for (size_t i = 0; i < ahead.size(); i += kCacheLine) __builtin_prefetch(&ahead[i]);
}

}  // namespace sensor
