// The bytes of one capture file, unpacked, as a window that moves forward.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "chunk.h"
#include "sensor/base/byte_reader.h"
#include "sensor/base/result.h"

namespace sensor {

/// Belongs to the polling thread. The bytes of a window live as long as its chunk is referenced.
class CaptureStream {
 public:
  /// Idle: a pipe has nothing now, or every buffer is held.
  enum class Fill : uint8_t { More, Idle, End, Failed };

  virtual ~CaptureStream() = default;
  /// Unread bytes at hand; they lie in chunk().
  virtual Bytes window() const = 0;
  virtual Chunk* chunk() const = 0;
  virtual void consume(size_t n) = 0;
  /// Tries to make the window longer, so that it can hold `want` bytes (at most RecordParser::kMaxWanted). The window may move.
  virtual Fill fill(size_t want) = 0;
  /// Why fill() failed.
  virtual const std::string& problem() const = 0;
  /// Where the window begins, in unpacked bytes.
  virtual uint64_t offset() const = 0;
  /// Bytes of the file on disk that were used so far.
  virtual uint64_t disk_bytes() const = 0;
  /// "gzip", "zstd", or empty.
  virtual std::string_view compression() const = 0;
};

/// What a path is, before it is opened.
struct FileKind {
  bool regular = false;
  uint64_t bytes = 0;  // of a regular file
};

/// How a path is named in messages.
std::string display_name(const std::string& path);
/// Error{Usage} when there is no readable file or pipe. Does not open pipes: that would wake their writers.
Result<FileKind> inspect_path(const std::string& path);
/// Opens a path that inspect_path() took; it is read through buffers of the pool, which stay in the processor's cache: mapping a file costs
/// several times as much, in page faults and cache misses.
Result<std::unique_ptr<CaptureStream>> open_stream(const std::string& path, ChunkPool& pool);

}  // namespace sensor
