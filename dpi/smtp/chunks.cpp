#include "dpi/smtp/chunks.h"

#include <algorithm>

namespace sensor::smtp {

void ChunkReader::feed(Bytes bytes) {
  remaining_ -= std::min<uint64_t>(remaining_, bytes.size());
  while (!bytes.empty()) {
    if (held_.ends_with('\r') && bytes[0] != '\n') {
      sink_.on_chunk_weird("smtp_bdat_line_cr_only", {});
      sink_.on_chunk_line(as_bytes(held_), false);
      held_.clear();
    }
    // In pieces, so that what is held stays short whatever is fed.
    const Bytes piece = bytes.first(std::min(bytes.size(), kMaxLine));
    bytes = bytes.subspan(piece.size());
    held_ += as_chars(piece);
    cut();
  }
  if (complete() && !held_.empty()) {
    sink_.on_chunk_line(as_bytes(held_), false);
    held_.clear();
  }
}

void ChunkReader::cut() {
  const std::string_view all = held_;
  size_t begin = 0;
  for (size_t i = 0; i < all.size(); i++) {
    if (all[i] == '\r' && i + 1 < all.size() && all[i + 1] == '\n') {
      sink_.on_chunk_line(as_bytes(all.substr(begin, i - begin)), true);
      begin = i + 2;
      i++;
    } else if (all[i] == '\n') {
      sink_.on_chunk_weird("smtp_bdat_line_lf_only", {});
      sink_.on_chunk_line(as_bytes(all.substr(begin, i + 1 - begin)), false);
      begin = i + 1;
    } else if (i - begin >= kMaxLine) {
      sink_.on_chunk_weird("smtp_bdat_line_too_long", std::to_string(all.size()));
      sink_.on_chunk_line(as_bytes(all.substr(begin, i - begin)), false);
      begin = i;
    }
  }
  held_.erase(0, begin);
}

void ChunkReader::finish() {
  if (held_.empty()) return;
  sink_.on_chunk_weird("smtp_bdat_undelivered_at_done", {});
  sink_.on_chunk_line(as_bytes(held_), false);
  held_.clear();
}

}  // namespace sensor::smtp
