#include "dpi/ftp/nvt.h"

#include <algorithm>
#include <utility>

#include "dpi/text/run.h"

namespace sensor::ftp {
namespace {

// RFC 854, "TELNET command structure".
constexpr uint8_t kSubEnd = 240, kSubBegin = 250, kWill = 251, kDont = 254, kCommand = 255;

/// What text() and feed() treat in a way of its own.
constexpr std::string_view kSpecial("\n\r\0\xff", 4);

}  // namespace

void NvtLines::feed(Bytes bytes, NvtHandler& handler) {
  for (size_t i = 0; i < bytes.size() && !stopped_; i++) {
    remaining_ = bytes.size() - i - 1;
    if (option_ != Option::None) {
      option(bytes[i], handler);
    } else if (bytes[i] == kCommand) {
      option_ = Option::Command;
    } else if (const size_t n = plain_run(bytes.subspan(i)); n > 0) {
      append(bytes.subspan(i, n));
      last_ = bytes[i + n - 1];
      i += n - 1;
    } else {
      text(bytes[i], handler);
    }
  }
  remaining_ = 0;
}

void NvtLines::finish(NvtHandler& handler) {
  if (is_unfinished()) feed(as_bytes("\n"), handler);
}

/// How many of the bytes only lengthen the line.
size_t NvtLines::plain_run(Bytes bytes) const {
  if (last_ == '\r') return 0;
  return text::run_before(bytes.first(std::min(bytes.size(), kMaxLine - length_)), kSpecial);
}

void NvtLines::append(Bytes bytes) {
  length_ += bytes.size();
  line_.append(as_chars(bytes.first(std::min(bytes.size(), kMaxHeld - line_.size()))));
}

void NvtLines::end_line(NvtHandler& handler) {
  const std::string line = std::move(line_);
  const size_t cut = length_ - line.size();
  line_.clear();
  length_ = 0;
  handler.on_line(as_bytes(line), cut);
}

void NvtLines::text(uint8_t c, NvtHandler& handler) {
  if (length_ >= kMaxLine) {
    // The last byte and the one at hand are lost, as in Zeek.
    handler.on_line_weird("nvt_line_size_exceeded", std::to_string(kMaxLine));
    length_--;
    last_ = 0;
    return end_line(handler);
  }
  if (c == '\n') {
    if (last_ == '\r' && length_ > 0) length_--;
    line_.resize(std::min(line_.size(), length_));
    last_ = c;
    return end_line(handler);
  }
  if (c == 0) {
    // Some servers send NUL behind CR. Of others only the first is worth a word, and stays out of the line.
    if (last_ != '\r' && nul_seen_) append({&c, 1});
    if (last_ != '\r' && !nul_seen_) {
      nul_seen_ = true;
      handler.on_line_weird("NUL_in_line", {});
    }
  } else {
    append({&c, 1});
    if (last_ == '\r' && !std::exchange(single_cr_told_, true)) handler.on_line_weird("line_terminated_with_single_CR", {});
  }
  last_ = c;
}

void NvtLines::command(uint8_t c) {
  option_ = Option::None;
  if (c == kCommand) {
    append({&c, 1});  // an escaped 255 is text
    last_ = c;
  } else if (c == kSubBegin) {
    option_ = Option::Sub;
    option_length_ = 0;
  } else if (c >= kWill && c <= kDont) {
    option_ = Option::Negotiation;
  }
}

void NvtLines::option(uint8_t c, NvtHandler& handler) {
  if (option_ == Option::Sub && length_ + ++option_length_ >= kMaxLine) {
    // What came before it in the line is lost with it, as in Zeek.
    handler.on_line_weird("nvt_option_size_exceeded", std::to_string(kMaxLine));
    option_ = Option::None;
    line_.clear();
    length_ = 0;
    last_ = 0;
    return;
  }
  switch (option_) {
    case Option::None:
      break;
    case Option::Command:
      command(c);
      break;
    case Option::Negotiation:
      option_ = Option::None;
      break;
    case Option::Sub:
      if (c == kCommand) option_ = Option::SubCommand;
      break;
    case Option::SubCommand:
      if (c == kCommand) {
        option_ = Option::Sub;
      } else if (c == kSubEnd) {
        option_ = Option::None;
      } else {
        command(c);  // an option that is not terminated ends where the next command begins
      }
      break;
  }
}

}  // namespace sensor::ftp
