#include "file_content.h"

#include <algorithm>
#include <limits>

#include "dpi/filetype/filetype.h"
#include "src/session/executables.h"

namespace sensor {

std::string_view FileContent::take_news() {
  if (!news_) return {};
  news_ = false;
  return type_;
}

void FileContent::set_type(std::string_view mime_type) {
  if (mime_type.empty() || typed_ || next_ > 0) return;
  begin_reading(mime_type);
  announce();
}

/// Decides the type by what is there.
void FileContent::sniff() {
  if (!typed_) {
    begin_reading(filetype::mime_type(as_bytes(beginning_)));
    read_on(as_bytes(beginning_));
    beginning_ = {};
  }
  announce();
}

/// Documents are few and short: they are kept from the moment they are known to be some. Of executables the headers are read.
void FileContent::begin_reading(std::string_view mime_type) {
  typed_ = true;
  type_ = mime_type;
  keeping_document_ = is_document(type_);
  if (type_ == kExecutableType) executable_ = std::make_unique<pe::Reader>();
}

/// Zeek tells the type when it has seen as much as it looks at, however little of it was needed.
void FileContent::announce() {
  if (announced_) return;
  announced_ = true;
  news_ = !type_.empty();
}

void FileContent::read_on(Bytes bytes) {
  add_to_document(bytes);
  if (executable_ != nullptr) executable_->feed(bytes);
}

void FileContent::add_to_document(Bytes bytes) {
  if (!keeping_document_) return;
  keeping_document_ = bytes.size() <= kMaxDocumentBytes - document_.size();
  if (keeping_document_) {
    document_.append(as_chars(bytes));
  } else {
    document_ = {};
  }
}

void FileContent::deliver(Bytes bytes) {
  if (!typed_ && next_ == 0) {
    if (const auto type = filetype::settled_mime_type(bytes)) begin_reading(*type);
  }
  size_t in_beginning = 0;
  if (!typed_) {
    in_beginning = std::min(bytes.size(), filetype::kSniffBytes - beginning_.size());
    if (beginning_.empty()) beginning_.reserve(std::min<uint64_t>(filetype::kSniffBytes, total_.value_or(filetype::kSniffBytes)));
    beginning_.append(as_chars(bytes.first(in_beginning)));
  }
  if (!announced_ && next_ + bytes.size() >= filetype::kSniffBytes) sniff();
  read_on(bytes.subspan(in_beginning));
  if (tap_) tap_->data(bytes);
  next_ += bytes.size();
  seen_ += bytes.size();
}

void FileContent::skip(uint64_t length) {
  sniff();
  keeping_document_ = false;
  document_ = {};
  if (executable_ != nullptr) executable_->stop();
  if (tap_) tap_->hole(length);
  next_ += length;
  missing_ += length;
}

void FileContent::insert(uint64_t offset, Bytes bytes) {
  if (bytes.empty()) return;
  const uint64_t room = std::numeric_limits<uint64_t>::max() - offset;
  if (bytes.size() > room) bytes = bytes.first(static_cast<size_t>(room));
  if (!reassembling_ && offset == next_) {
    deliver(bytes);
    return;
  }
  if (!reassembling_) {
    reassembling_ = true;
    reassembled_ = next_;
  }
  if (early_bytes_ > max_reassembly_) overflow_ += flush_all();
  buffer(offset, bytes);
  deliver_in_order();
}

/// Keeps the parts of a piece that are neither delivered nor buffered yet; what came first wins.
void FileContent::buffer(uint64_t offset, Bytes bytes) {
  if (offset < reassembled_) {
    const uint64_t old = std::min<uint64_t>(reassembled_ - offset, bytes.size());
    offset += old;
    bytes = bytes.subspan(static_cast<size_t>(old));
  }
  auto it = early_.upper_bound(offset);
  if (it != early_.begin()) {
    const auto& [start, piece] = *std::prev(it);
    const uint64_t end = start + piece.size();
    if (end > offset) {
      const uint64_t known = std::min<uint64_t>(end - offset, bytes.size());
      offset += known;
      bytes = bytes.subspan(static_cast<size_t>(known));
    }
  }
  while (!bytes.empty()) {
    uint64_t fresh = bytes.size();
    if (it != early_.end()) fresh = std::min(fresh, it->first - offset);
    if (fresh > 0) {
      early_.emplace_hint(it, offset, as_chars(bytes.first(static_cast<size_t>(fresh))));
      early_bytes_ += fresh;
    }
    uint64_t done = fresh;
    if (it != early_.end()) {
      done = std::min<uint64_t>(bytes.size(), fresh + it->second.size());
      ++it;
    }
    offset += done;
    bytes = bytes.subspan(static_cast<size_t>(done));
  }
}

void FileContent::deliver_in_order() {
  while (!early_.empty() && early_.begin()->first <= reassembled_) {
    const auto node = early_.extract(early_.begin());
    const std::string& piece = node.mapped();
    early_bytes_ -= piece.size();
    if (node.key() + piece.size() <= reassembled_) continue;
    deliver(as_bytes(piece).subspan(static_cast<size_t>(reassembled_ - node.key())));
    reassembled_ = node.key() + piece.size();
  }
}

/// Delivers what is buffered below `end`, holes as missing bytes.
void FileContent::flush_to(uint64_t end) {
  while (reassembled_ < end) {
    const uint64_t next = early_.empty() ? end : std::min(end, early_.begin()->first);
    if (next > reassembled_) {
      skip(next - reassembled_);
      reassembled_ = next;
    }
    deliver_in_order();
  }
}

/// Returns the first hole, which is what Zeek counts as overflow; all of them are missing bytes.
uint64_t FileContent::flush_all() {
  if (early_.empty()) return 0;
  const uint64_t first_hole = early_.begin()->first - reassembled_;
  const auto& [start, piece] = *early_.rbegin();
  flush_to(start + piece.size());
  return first_hole;
}

void FileContent::gap(uint64_t offset, uint64_t length) {
  if (length > std::numeric_limits<uint64_t>::max() - std::max(offset, next_)) return;
  if (reassembling_) {
    flush_to(offset + length);
  } else {
    skip(length);
  }
}

void FileContent::end() {
  if (reassembling_) flush_all();
  sniff();
  if (tap_) tap_->end();
}

}  // namespace sensor
