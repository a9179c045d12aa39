#include "dpi/dns/name.h"

#include <algorithm>
#include <cstring>

namespace sensor::dns {

namespace {
constexpr uint8_t kPointerBits = 0xc0;
constexpr uint8_t kMaxLabel = 63;
constexpr size_t kLongName = 255;

constexpr char to_lower(char c) {
  const bool upper = c >= 'A' && c <= 'Z';
  return static_cast<char>(c | (upper ? 0x20 : 0));
}
}  // namespace

uint8_t Name::read(ByteReader& in, bool long_labels, bool keep_case) {
  size_ = 0;
  faults_ = 0;
  long_labels_ = long_labels;
  keep_case_ = keep_case;
  read_level(in, 0);
  if (!keep_case) lower_all();
  return faults_;
}

// A pointer is always the last thing in a name, so each level appends to what the one above it wrote. Every level drops one trailing
// dot of its own text, as Zeek does; that matters only for labels that themselves end in a dot.
void Name::read_level(ByteReader& in, size_t depth) {
  if (depth > kMaxPointerDepth) return add_fault(NameFault::ChainTooDeep);
  const size_t begin = size_;
  while (read_label(in, depth)) {}
  const size_t length = size_ - begin;
  if (length >= kLongName) add_fault(NameFault::TooLong);
  if (length >= 2 && chars_[size_ - 1] == '.') size_--;
}

// False when the name ends here: at the root label, behind a pointer, or at a fault.
bool Name::read_label(ByteReader& in, size_t depth) {
  const size_t at = in.position();
  const uint8_t length = in.remaining() > 0 ? in.u8() : uint8_t{0};
  if (in.empty() || length == 0) return false;
  if ((length & kPointerBits) == kPointerBits) {
    follow_pointer(in, at, length, depth);
    return false;
  }
  if (length > in.remaining()) {
    add_fault(NameFault::PastPacket);
    in.skip(in.remaining());
    return false;
  }
  if (length > kMaxLabel && !long_labels_) {
    add_fault(NameFault::LabelTooLong);
    return false;
  }
  if (length >= kCapacity - size_) {
    add_fault(NameFault::NoRoom);
    return false;
  }
  const std::string_view label = in.chars(length);
  std::memcpy(chars_.data() + size_, label.data(), label.size());
  size_ += length;
  chars_[size_++] = '.';
  return true;
}

// A pointer may only lead to bytes before itself, and what it leads to ends where the pointer stands: chains always move back, so
// none is followed for ever.
void Name::follow_pointer(ByteReader& in, size_t pointer_at, uint8_t first_byte, size_t depth) {
  const size_t offset = size_t{static_cast<uint8_t>(first_byte & ~kPointerBits)} << 8 | in.u8();
  if (offset >= pointer_at) return add_fault(NameFault::ForwardOffset);
  ByteReader target(in.whole().first(pointer_at));
  target.seek(offset);
  const size_t begin = size_;
  read_level(target, depth + 1);
  if (keep_case_) std::transform(chars_.begin() + begin, chars_.begin() + size_, chars_.begin() + begin, to_lower);
}

// In whole blocks, what lies behind the text included: that compiles to a few vector instructions without a loop over a remainder.
void Name::lower_all() {
  constexpr size_t kBlock = 16;
  static_assert(kCapacity % kBlock == 0);
  for (size_t block = 0; block < size_; block += kBlock) {
    for (size_t i = block; i < block + kBlock; i++) chars_[i] = to_lower(chars_[i]);
  }
}

}  // namespace sensor::dns
