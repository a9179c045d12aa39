// The bytes of one file: put in order, counted, and looked at until its type is known.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "dpi/pe/pe.h"
#include "sensor/base/byte_reader.h"
#include "src/session/file_tap.h"

namespace sensor {

/// Counts bytes and buffers what comes early, up to a limit; keeps the file's beginning until its type is known.
class FileContent {
 public:
  explicit FileContent(uint64_t max_reassembly) : max_reassembly_(max_reassembly) {}

  void append(Bytes bytes) { insert(next_, bytes); }
  void insert(uint64_t offset, Bytes bytes);
  void gap(uint64_t offset, uint64_t length);
  /// No more bytes: what is buffered counts, holes are missing bytes.
  void end();
  void set_total(uint64_t bytes) { total_ = bytes; }
  /// The type is known already: the content is not looked at.
  void set_type(std::string_view mime_type);

  bool complete() const { return total_ && next_ >= *total_; }
  uint64_t seen() const { return seen_; }
  uint64_t missing() const { return missing_; }
  uint64_t overflow() const { return overflow_; }
  std::optional<uint64_t> total() const { return total_; }
  /// Empty as long as it is not known, and when it is none that Zeek knows.
  std::string_view mime_type() const { return announced_ ? type_ : std::string_view{}; }
  /// A document (documents.h) whose every byte was seen and kept; empty for other files.
  std::string_view document() const { return document_; }
  /// The headers of an executable, as far as they were read; null for other files.
  const pe::Reader* executable() const { return executable_.get(); }
  /// Gets every byte in order from now on. May be empty.
  void set_tap(std::unique_ptr<FileTap> tap) { tap_ = std::move(tap); }
  FileTap* tap() const { return tap_.get(); }
  /// The type, once: by the first call after it was found.
  std::string_view take_news();

 private:
  void deliver(Bytes bytes);
  void begin_reading(std::string_view mime_type);
  void announce();
  void read_on(Bytes bytes);
  void add_to_document(Bytes bytes);
  void skip(uint64_t length);
  void sniff();
  void buffer(uint64_t offset, Bytes bytes);
  void deliver_in_order();
  void flush_to(uint64_t end);
  uint64_t flush_all();

  uint64_t max_reassembly_;
  uint64_t next_ = 0;         // offset of the next byte in order
  uint64_t reassembled_ = 0;  // the same as the reassembler sees it
  uint64_t seen_ = 0, missing_ = 0, overflow_ = 0;
  std::optional<uint64_t> total_;
  bool reassembling_ = false;              // a piece came out of order; stays on
  std::map<uint64_t, std::string> early_;  // pieces beyond a hole; they do not overlap
  uint64_t early_bytes_ = 0;
  std::string beginning_;   // as long as the type is not settled
  bool typed_ = false;      // type_ is decided: more of the beginning makes no difference to it
  bool announced_ = false;  // and as much was seen as Zeek looks at
  std::string_view type_;
  std::string document_;
  bool keeping_document_ = false;
  std::unique_ptr<pe::Reader> executable_;
  std::unique_ptr<FileTap> tap_;
  bool news_ = false;
};

}  // namespace sensor
