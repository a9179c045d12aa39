// Cuts one direction of a stream into lines, or hands it on as it comes while a body of known length passes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "sensor/base/byte_reader.h"

namespace sensor::mime {

class LineSplitter;

/// Receives what a LineSplitter finds. Spans are valid during the call. A handler may switch the splitter's mode.
class LineHandler {
 public:
  virtual ~LineHandler() = default;
  /// A line without its end.
  virtual void on_line(Bytes line) = 0;
  /// Bytes that arrived in plain mode; never empty.
  virtual void on_plain(Bytes bytes) = 0;
  /// Zeek's name for an oddity of line ends. Static storage.
  virtual void on_line_weird(std::string_view name) = 0;
};

/// Lines end in CR LF, or in either alone. Holds at most kMaxLine bytes of an unfinished line, or what set_max_line() says; a longer one is
/// cut there, and the byte in front of the cut and the one behind it are lost, as in Zeek. set_max_held() lowers what is held without
/// cutting.
class LineSplitter {
 public:
  static constexpr size_t kMaxLine = 16 * 1024 * 1024 - 100;

  void feed(Bytes bytes, LineHandler& handler);
  /// The stream ends: an unfinished line counts as one.
  void finish(LineHandler& handler);

  /// A longer line is cut there; at most kMaxLine.
  void set_max_line(size_t bytes) { max_line_ = bytes < kMaxLine ? bytes : kMaxLine; }
  /// Of a line the first `bytes` are kept and handed on.
  void set_max_held(size_t bytes) { max_held_ = bytes; }
  /// The next `length` bytes are handed to on_plain(); 0 ends plain mode.
  void set_plain(uint64_t length) { plain_left_ = length; }
  /// When `length` more bytes have arrived in later calls of feed(), an unfinished line counts as one. -1: never.
  void set_delivery_size(int64_t length) { delivery_left_ = length; }
  /// Inside a part of a multipart body only CR LF ends a line, and single ones are no oddity.
  void set_strict(bool on) { strict_ = on; }
  /// The first NUL is an oddity, and no part of its line.
  void set_nul_sensitive() { nul_sensitive_ = true; }
  /// Everything from here on is dropped.
  void stop() { stopped_ = true; }
  /// Nothing is held and no mode is set: what it does with the next bytes depends on last_byte() alone.
  bool at_rest() const { return length_ == 0 && plain_left_ == 0 && delivery_left_ <= 0 && !strict_ && !stopped_; }
  uint8_t last_byte() const { return last_; }
  void set_last_byte(uint8_t last) { last_ = last; }
  /// Bytes of the current feed() behind the line or run being handled.
  size_t remaining() const { return remaining_; }

 private:
  void deliver(Bytes bytes, LineHandler& handler);
  void append(Bytes bytes);
  size_t ordinary_line(Bytes bytes, LineHandler& handler);
  size_t next_line(Bytes bytes, LineHandler& handler);
  void emit(Bytes piece, size_t behind, LineHandler& handler);
  void note_single(uint8_t c, LineHandler& handler);

  std::string partial_;  // the unfinished line
  size_t length_ = 0;    // of it, with what is not held
  size_t max_line_ = kMaxLine, max_held_ = kMaxLine;
  uint64_t plain_left_ = 0;
  int64_t delivery_left_ = -1;
  size_t remaining_ = 0;
  uint8_t last_ = 0;  // last byte looked at
  bool strict_ = false;
  bool stopped_ = false;
  bool nul_sensitive_ = false;
  bool single_cr_told_ = false;  // Zeek tells of it once per connection
};

}  // namespace sensor::mime
