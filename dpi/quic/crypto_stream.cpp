#include "dpi/quic/crypto_stream.h"

#include <algorithm>

namespace sensor::quic {

void CryptoStream::insert(size_t from, size_t to) {
  auto it = std::ranges::lower_bound(ranges_, from, {}, &Range::second);
  auto last = it;
  while (last != ranges_.end() && last->first <= to) {
    from = std::min(from, last->first);
    to = std::max(to, last->second);
    ++last;
  }
  it = ranges_.erase(it, last);
  ranges_.insert(it, {from, to});
}

CryptoStream::Verdict CryptoStream::add(uint64_t offset, Bytes data) {
  constexpr size_t kHeaderBytes = 4;
  if (data.empty()) return Verdict::NeedMore;
  // What lies past the longest message can only be too much, and only once everything before it came; it need not be kept.
  constexpr size_t kKept = kMaxMessageBytes + 1;
  if (offset >= kKept) return Verdict::NeedMore;
  const size_t from = offset;
  const size_t to = std::min(from + data.size(), kKept);
  if (buffer_.size() < to) buffer_.resize(to);
  std::copy_n(data.begin(), to - from, buffer_.begin() + static_cast<std::ptrdiff_t>(from));
  insert(from, to);
  if (contiguous() < kHeaderBytes) return Verdict::NeedMore;

  ByteReader r(buffer_);
  r.skip(1);
  const size_t length = kHeaderBytes + r.u24();
  if (length > kMaxMessageBytes) return Verdict::Malformed;
  if (contiguous() < length) return Verdict::NeedMore;
  overrun_ = contiguous() > length;
  buffer_.resize(length);
  return Verdict::Complete;
}

}  // namespace sensor::quic
