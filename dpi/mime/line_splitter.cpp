#include "dpi/mime/line_splitter.h"

#include <algorithm>
#include <utility>

#include "dpi/text/run.h"

namespace sensor::mime {

void LineSplitter::feed(Bytes bytes, LineHandler& handler) {
  if (bytes.empty() || stopped_) return;
  if (delivery_left_ > 0) delivery_left_ -= static_cast<int64_t>(bytes.size());
  deliver(bytes, handler);
  if (delivery_left_ == 0) {
    delivery_left_ = -1;
    if (length_ > 0) {
      handler.on_line_weird("line_terminated_without_CRLF");
      deliver(as_bytes("\r\n"), handler);
    }
  }
}

void LineSplitter::finish(LineHandler& handler) {
  if (length_ > 0) feed(as_bytes("\n"), handler);
}

void LineSplitter::deliver(Bytes bytes, LineHandler& handler) {
  while (!bytes.empty() && !stopped_) {
    // A line that ended in CR was handed on at once; the LF behind it may come later, even after plain mode was switched on.
    if (!strict_ && last_ == '\r' && bytes[0] == '\n') {
      last_ = '\n';
      bytes = bytes.subspan(1);
      if (bytes.empty()) break;
    }
    if (plain_left_ > 0) {
      const size_t n = static_cast<size_t>(std::min<uint64_t>(plain_left_, bytes.size()));
      plain_left_ -= n;
      last_ = 0;
      remaining_ = bytes.size() - n;
      handler.on_plain(bytes.first(n));
      bytes = bytes.subspan(n);
      continue;
    }
    const size_t ordinary = ordinary_line(bytes, handler);
    bytes = bytes.subspan(ordinary > 0 ? ordinary : next_line(bytes, handler));
  }
  remaining_ = 0;
}

void LineSplitter::append(Bytes bytes) {
  length_ += bytes.size();
  partial_.append(as_chars(bytes.first(std::min(bytes.size(), max_held_ - std::min(max_held_, partial_.size())))));
}

void LineSplitter::emit(Bytes piece, size_t behind, LineHandler& handler) {
  remaining_ = behind;
  if (length_ == 0) {
    handler.on_line(piece.first(std::min(piece.size(), max_held_)));
    return;
  }
  append(piece);
  const std::string line = std::move(partial_);
  partial_.clear();
  length_ = 0;
  handler.on_line(as_bytes(line));
}

void LineSplitter::note_single(uint8_t c, LineHandler& handler) {
  if (!strict_ && last_ == '\r' && !std::exchange(single_cr_told_, true)) handler.on_line_weird("line_terminated_with_single_CR");
  last_ = c;
}

/// The common line: it is short and ends in CR LF. Returns how many bytes are dealt with: none when it is any other.
size_t LineSplitter::ordinary_line(Bytes bytes, LineHandler& handler) {
  constexpr size_t kShort = 256;
  const std::string_view begin = as_chars(bytes.first(std::min(bytes.size(), kShort)));
  const size_t end = begin.find('\n');
  if (end == std::string_view::npos || end == 0 || begin.find('\r') != end - 1 || length_ + end > max_line_ || nul_sensitive_) return 0;
  if (end > 1) note_single(bytes[0], handler);
  last_ = '\n';
  emit(bytes.first(end - 1), bytes.size() - end - 1, handler);
  return end + 1;
}

/// Any line: looks for one line end in `bytes`; keeps what is unfinished. Returns how many bytes are dealt with.
size_t LineSplitter::next_line(Bytes bytes, LineHandler& handler) {
  for (size_t i = 0; i < bytes.size(); i++) {
    // No further than to where the line is too long.
    const size_t room = max_line_ - std::min(max_line_, length_ + i);
    const std::string_view stops(nul_sensitive_ ? "\n\r\0" : "\n\r", nul_sensitive_ ? 3 : 2);
    if (const size_t n = text::run_before(bytes.subspan(i, std::min(bytes.size() - i, room)), stops); n > 0) {
      note_single(bytes[i], handler);
      i += n;
      last_ = bytes[i - 1];
      if (i == bytes.size()) break;
    }
    const uint8_t c = bytes[i];
    const size_t behind = bytes.size() - i - 1;
    if (length_ + i >= max_line_) {
      handler.on_line_weird("contentline_size_exceeded");
      last_ = c;
      append(bytes.first(i));
      length_--;  // as in Zeek, whose buffer ends with a zero
      partial_.resize(std::min(partial_.size(), length_));
      emit({}, behind, handler);
      return i + 1;
    }
    if (c == 0 && nul_sensitive_) {
      nul_sensitive_ = false;
      handler.on_line_weird("NUL_in_line");
      note_single(c, handler);
      append(bytes.first(i));
      return i + 1;
    }
    if (c == '\r' && behind > 0 && bytes[i + 1] == '\n') {
      last_ = '\n';
      emit(bytes.first(i), behind - 1, handler);
      return i + 2;
    }
    if (c == '\n' && strict_ && last_ == '\r') {
      // The CR ended the previous feed(), so it stands in partial_, unless it already ended a line before strict mode began.
      last_ = c;
      if (length_ == 0) return i + 1;
      length_--;
      partial_.resize(std::min(partial_.size(), length_));
      emit({}, behind, handler);
      return i + 1;
    }
    if (!strict_ && (c == '\r' || c == '\n')) {
      last_ = c;
      emit(bytes.first(i), behind, handler);
      return i + 1;
    }
    note_single(c, handler);
  }
  append(bytes);
  return bytes.size();
}

}  // namespace sensor::mime
