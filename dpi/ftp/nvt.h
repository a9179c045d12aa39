// Lines of a network virtual terminal (RFC 854), the framing of FTP's control connection: TELNET options are taken out.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "sensor/base/byte_reader.h"

namespace sensor::ftp {

/// Receives what NvtLines finds. Spans are valid during the call.
class NvtHandler {
 public:
  virtual ~NvtHandler() = default;
  /// A line without its end.
  virtual void on_line(Bytes line) = 0;
  /// Zeek's name for an oddity; `name` has static storage.
  virtual void on_line_weird(std::string_view name, std::string_view addl) = 0;
};

/// One direction. Lines end in LF or CR LF. Holds at most kMaxLine bytes; a longer line is cut there.
class NvtLines {
 public:
  static constexpr size_t kMaxLine = 16 * 1024;

  void feed(Bytes bytes, NvtHandler& handler);
  /// Nothing more is read: the stream belongs to another protocol. May be called from on_line().
  void stop() { stopped_ = true; }
  /// Bytes of the current feed() behind the line at hand.
  size_t remaining() const { return remaining_; }
  bool has_partial_line() const { return !line_.empty(); }

 private:
  enum class Option : uint8_t { None, Command, Negotiation, Sub, SubCommand };

  size_t plain_run(Bytes bytes) const;
  void text(uint8_t c, NvtHandler& handler);
  void end_line(NvtHandler& handler);
  void option(uint8_t c);
  void command(uint8_t c);

  std::string line_;
  size_t remaining_ = 0;
  Option option_ = Option::None;
  uint8_t last_ = 0;
  bool nul_seen_ = false;
  bool stopped_ = false;
};

}  // namespace sensor::ftp
