// Decompression of gzip and deflate bodies (RFC 1950, 1951, 1952).
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "sensor/base/byte_reader.h"

struct z_stream_s;

namespace sensor::mime {

/// Receives decompressed bytes, valid during the call, in pieces of at most 4096.
class InflateSink {
 public:
  virtual ~InflateSink() = default;
  virtual void on_inflated(Bytes bytes) = 0;
};

/// Inflates one body given in any division; a zlib or gzip header is recognised, and raw deflate is tried when there is none.
/// Bodies that grow beyond kMaxOutput bytes, or beyond kMaxRatio times their size once larger than kRatioFloor, are cut off.
class Inflater {
 public:
  static constexpr uint64_t kMaxOutput = uint64_t{4} << 30;
  static constexpr uint64_t kRatioFloor = uint64_t{64} << 20;
  static constexpr uint64_t kMaxRatio = 1100;  // deflate itself cannot do better than about 1032

  Inflater();
  ~Inflater();
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  enum class Status : uint8_t { Running, Ended, Failed };
  /// Failed is returned once; afterwards bytes are ignored and the status is Ended.
  Status feed(Bytes bytes, InflateSink& sink);

 private:
  bool open(int window_bits);
  void close();

  std::unique_ptr<z_stream_s> z_;
  uint64_t in_ = 0, out_ = 0;
  bool open_ = false;
};

}  // namespace sensor::mime
