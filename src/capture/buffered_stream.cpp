#include "buffered_stream.h"

#include <fmt/format.h>
#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace sensor {
namespace {

constexpr size_t kInputBytes = 128 << 10;
constexpr int kWaitMs = 100;

}  // namespace

BufferedStream::BufferedStream(FileDescriptor fd, bool regular, uint64_t least_bytes, ChunkPool& pool)
    : fd_(std::move(fd)), regular_(regular), least_bytes_(least_bytes), pool_(pool), input_(kInputBytes) {}

BufferedStream::~BufferedStream() {
  if (chunk_ != nullptr) chunk_->unref();
}

CaptureStream::Fill BufferedStream::fill(size_t want) {
  if (!make_room(want)) return Fill::Idle;
  while (true) {
    if (verbatim_ && pending().empty()) return read_into(chunk_->memory().subspan(end_), end_);
    const bool undecided = unpacker_ == nullptr && pending().size() < kUnpackerMagicBytes;
    if (!input_ended_ && (pending().empty() || undecided)) {
      const Fill got = read_input();
      if (got != Fill::More && got != Fill::End) return got;
      continue;
    }
    if (unpacker_ == nullptr) {
      unpacker_ = choose_unpacker(pending());
      verbatim_ = unpacker_->name().empty();
    }
    const Fill made = unpack();
    if (made != Fill::Idle) return made;
  }
}

/// Begins the buffer anew when its packets are done with, so that what is read next finds it in the processor's cache. Goes on in the next
/// buffer when `want` bytes do not fit into this one. Either way the bytes of the window go with it.
bool BufferedStream::make_room(size_t want) {
  if (chunk_ != nullptr && begin_ >= kInputBytes && chunk_->held_once()) {
    std::memmove(chunk_->memory().data(), window().data(), window().size());
    end_ -= std::exchange(begin_, 0);
  }
  if (chunk_ != nullptr && begin_ + want <= chunk_->memory().size() && end_ < chunk_->memory().size()) return true;
  Chunk* next = pool_.take_buffer();
  if (next == nullptr) return false;
  const Bytes rest = window();
  if (!rest.empty()) std::memcpy(next->memory().data(), rest.data(), rest.size());
  next->ref();
  if (chunk_ != nullptr) chunk_->unref();
  chunk_ = next;
  begin_ = 0;
  end_ = rest.size();
  return true;
}

CaptureStream::Fill BufferedStream::read_input() {
  if (input_begin_ > 0) {
    std::memmove(input_.data(), input_.data() + input_begin_, pending().size());
    input_end_ -= input_begin_;
    input_begin_ = 0;
  }
  return read_into(std::span(input_).subspan(input_end_), input_end_);
}

/// Reads into `room`, which begins where `end` says, and moves `end`.
CaptureStream::Fill BufferedStream::read_into(std::span<uint8_t> room, size_t& end) {
  if (!regular_) {
    pollfd p{.fd = fd_.get(), .events = POLLIN, .revents = 0};
    if (::poll(&p, 1, kWaitMs) <= 0) return Fill::Idle;
  }
  const ssize_t n = ::read(fd_.get(), room.data(), std::min(room.size(), kInputBytes));
  if (n < 0) return errno == EINTR || errno == EAGAIN ? Fill::Idle : fail(fmt::format("reading failed: {}", std::strerror(errno)));
  if (n == 0) {
    input_ended_ = true;
    if (disk_bytes_ >= least_bytes_) return Fill::End;
    return fail(fmt::format("the file was {} bytes long and now is {}: something cuts it while it is read", least_bytes_, disk_bytes_));
  }
  end += static_cast<size_t>(n);
  disk_bytes_ += static_cast<uint64_t>(n);
  return Fill::More;
}

/// More: bytes were made. Idle: input is needed first.
CaptureStream::Fill BufferedStream::unpack() {
  const Unpacker::Step s = unpacker_->unpack(pending(), chunk_->memory().subspan(end_));
  input_begin_ += s.used;
  end_ += s.made;
  const bool stuck = s.used == 0 && s.made == 0 && !pending().empty();
  if (s.bad || (stuck && !input_ended_))
    return fail(fmt::format("the {} data is damaged at byte {} of the compressed file", unpacker_->name(), disk_bytes()));
  if (s.made > 0) return Fill::More;
  if (!input_ended_ || s.used > 0) return Fill::Idle;
  if (!unpacker_->complete())
    return fail(fmt::format("the {} data breaks off after {} bytes of the compressed file", unpacker_->name(), disk_bytes()));
  return Fill::End;
}

}  // namespace sensor
