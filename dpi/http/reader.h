// Reads both directions of an HTTP/1.x connection and tells a Sink what it finds.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>

#include "dpi/http/http.h"
#include "dpi/mime/line_splitter.h"
#include "dpi/mime/percent.h"

namespace sensor::http {

class Message;

/// Requests without a final response, oldest first; true: their response has no body (HEAD).
class Unanswered {
 public:
  static constexpr size_t kMax = 16384;

  size_t size() const { return to_head_.size() - answered_; }
  bool empty() const { return size() == 0; }
  bool front() const { return to_head_[answered_] != 0; }
  /// Forgotten when there are kMax.
  void push(bool to_head) {
    if (size() < kMax) to_head_ += static_cast<char>(to_head);
  }
  void pop() {
    if (++answered_ < to_head_.size() && answered_ < kMax) return;
    to_head_.erase(0, answered_);
    answered_ = 0;
  }

 private:
  std::string to_head_;  // of the first `answered_` no more is wanted
  size_t answered_ = 0;
};

/// One connection. Bytes of each direction come in order; the two directions in the order in which they were seen. Not shared between
/// threads. Limits: a line LineSplitter::kMaxLine, nesting mime::kMaxDepth, a folded field mime::kMaxHeaderBytes, Unanswered::kMax requests
/// whose method is remembered.
class Reader final : private mime::EscapeSink {
 public:
  explicit Reader(Sink& sink);
  ~Reader() override;
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  void feed(Side side, Bytes bytes);
  /// `length` bytes of this direction will never come.
  void lost(Side side, uint64_t length);
  /// This direction ended; what is unfinished there ends with it.
  void eof(Side side);
  /// The same, but an unfinished line is not read.
  void end(Side side);
  /// The connection is over.
  void finish();
  /// Only cuts the client's bytes into lines, for the oddities of their ends. True when one was told.
  bool split_only(Bytes bytes);
  /// Between a response and the next request: what it must know of the past fits into the kMemoryBits of memory().
  bool at_rest() const;
  static constexpr int kMemoryBits = 38;
  uint64_t memory() const;
  /// Makes a new reader one that has read what the other had.
  void restore(uint64_t memory);
  /// The stream now belongs to another protocol (CONNECT, Upgrade): feed() ignores what comes.
  bool handed_over() const { return handed_over_; }

 private:
  friend class Message;
  struct Lines;

  /// What is expected next. Nothing: the direction broke off and is ignored from then on.
  enum class Expect : uint8_t { StartLine, Message, Nothing, Http09 };
  struct Direction {
    mime::LineSplitter splitter;
    Expect expect = Expect::StartLine;
    bool ongoing = false;  // a message began and has not ended
    bool began = false;    // there was a message
    Version version;
    std::unique_ptr<Message> message;
  };

  void odd_escape(std::string_view name) override { weird(name); }
  void weird(std::string_view name, std::string_view addl = {}) { sink_.on_weird(name, addl, "HTTP"); }

  void line(Side side, Bytes bytes);
  void plain(Side side, Bytes bytes);
  void request_line(std::string_view line);
  bool read_request_line(std::string_view line);
  void bad_request_line(std::string_view line);
  void begin_http09();
  void http09_body(Bytes bytes);
  void status_line(std::string_view line);
  void response_line(Bytes bytes);
  void open_tunnel();
  void set_version(Direction& d, Version v);
  void begin_message(Side side);
  void message_done(Side side);
  void request_over(bool interrupted);
  void response_over(bool interrupted);
  void upgrade();
  void connection_header(Side side, const mime::Header& header);
  Direction& at(Side side) { return directions_[static_cast<size_t>(side)]; }

  Sink& sink_;
  std::array<Direction, 2> directions_;
  Unanswered unanswered_;
  uint64_t requests_ = 0;
  uint32_t status_code_ = 0;  // of the response being read
  bool keep_alive_ = false;
  bool close_ = false;
  bool connect_ = false;  // a CONNECT awaits its response
  bool upgrade_ = false;  // the response says "Connection: Upgrade"
  bool upgraded_ = false;
  bool handed_over_ = false;
  bool single_cr_told_ = false;
  std::string upgrade_protocol_;
};

}  // namespace sensor::http
