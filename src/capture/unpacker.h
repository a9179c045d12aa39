// Decompression as a stream: bytes in, bytes out. No I/O.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "sensor/base/byte_reader.h"

namespace sensor {

class Unpacker {
 public:
  struct Step {
    size_t used = 0;  // of the input
    size_t made = 0;  // of the output
    bool bad = false;
  };

  virtual ~Unpacker() = default;
  /// Turns some of `in` into some of `out`, which is not empty. Makes progress on one of them unless it is bad or needs more input.
  virtual Step unpack(Bytes in, std::span<uint8_t> out) = 0;
  /// True when the input may end here.
  virtual bool complete() const = 0;
  /// "gzip", "zstd", or empty where the bytes are passed on as they are.
  virtual std::string_view name() const = 0;
};

/// Bytes that choose_unpacker() wants to see, unless the file is shorter.
inline constexpr size_t kUnpackerMagicBytes = 4;

/// Chosen by the first bytes, gzip's (RFC 1952), zstd's (RFC 8878) or others; never null.
std::unique_ptr<Unpacker> choose_unpacker(Bytes head);

}  // namespace sensor
