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
  /// A line without its end; `cut` bytes at its end were not kept.
  virtual void on_line(Bytes line, size_t cut) = 0;
  /// Zeek's name for an oddity; `name` has static storage.
  virtual void on_line_weird(std::string_view name, std::string_view addl) = 0;
};

/// One direction. Lines end in LF or CR LF. Of a line the first kMaxHeld bytes are kept; one of kMaxLine bytes ends there, as in Zeek.
class NvtLines {
 public:
  static constexpr size_t kMaxHeld = 16 * 1024;
  static constexpr size_t kMaxLine = 16 * 1024 * 1024 - 100;

  void feed(Bytes bytes, NvtHandler& handler);
  /// The stream ends: an unfinished line counts as one. What is left is_unfinished() after it.
  void finish(NvtHandler& handler);
  /// Nothing more is read: the stream belongs to another protocol. May be called from on_line().
  void stop() { stopped_ = true; }
  /// Bytes of the current feed() behind the line at hand.
  size_t remaining() const { return remaining_; }
  bool is_unfinished() const { return length_ > 0 || option_ != Option::None; }

 private:
  enum class Option : uint8_t { None, Command, Negotiation, Sub, SubCommand };

  size_t plain_run(Bytes bytes) const;
  void append(Bytes bytes);
  void text(uint8_t c, NvtHandler& handler);
  void end_line(NvtHandler& handler);
  void option(uint8_t c, NvtHandler& handler);
  void command(uint8_t c);

  std::string line_;
  size_t length_ = 0;         // of the line, with what is not kept
  size_t option_length_ = 0;  // of the suboption at hand
  size_t remaining_ = 0;
  Option option_ = Option::None;
  uint8_t last_ = 0;
  bool nul_seen_ = false;
  bool single_cr_told_ = false;  // Zeek tells of it once per connection
  bool stopped_ = false;
};

}  // namespace sensor::ftp
