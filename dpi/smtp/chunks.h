// The chunks of BDAT (RFC 3030), which hold a mail without regard to its lines, cut into lines.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "sensor/base/byte_reader.h"

namespace sensor::smtp {

/// Receives what ChunkReader finds.
class ChunkSink {
 public:
  virtual ~ChunkSink() = default;
  /// A line without its CR LF, or with `crlf` false a piece of one.
  virtual void on_chunk_line(Bytes line, bool crlf) = 0;
  /// Zeek's weird; `name` has static storage.
  virtual void on_chunk_weird(std::string_view name, std::string_view addl) = 0;
};

/// The chunks of one mail. Holds at most kMaxLine bytes; a longer line is handed on in pieces.
class ChunkReader {
 public:
  static constexpr size_t kMaxLine = 4096;

  explicit ChunkReader(ChunkSink& sink) : sink_(sink) {}

  void next(uint64_t size, bool last) {
    remaining_ = size;
    last_ = last;
  }
  /// Bytes of the chunk at hand, never more than remaining().
  void feed(Bytes bytes);
  /// The mail ends: what is held is handed on.
  void finish();

  uint64_t remaining() const { return remaining_; }
  bool complete() const { return last_ && remaining_ == 0; }

 private:
  void cut();

  ChunkSink& sink_;
  std::string held_;
  uint64_t remaining_ = 0;
  bool last_ = false;
};

}  // namespace sensor::smtp
