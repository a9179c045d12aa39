#include "mapped_stream.h"

#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace sensor {
namespace {

/// How often the file is looked at and pages are mapped ahead and given back.
constexpr size_t kStepBytes = 1 << 20;
/// Pages this far behind the window are given back. Packets of batches still out may lie there: the pages come back from the page
/// cache when they are read, so this is a matter of speed only.
constexpr size_t kKeepBytes = 8 << 20;

}  // namespace

Result<std::unique_ptr<CaptureStream>> MappedStream::open(FileDescriptor fd, size_t bytes, ChunkPool& pool) {
  void* memory = ::mmap(nullptr, bytes, PROT_READ, MAP_SHARED, fd.get(), 0);
  if (memory == MAP_FAILED)
    return Error{Error::Usage,
                 fmt::format("cannot map {} bytes of a capture file: {}; pipe it through standard input", bytes, std::strerror(errno))};
  ::madvise(memory, bytes, MADV_SEQUENTIAL);
  Chunk* chunk = pool.adopt({static_cast<uint8_t*>(memory), bytes});
  return std::unique_ptr<CaptureStream>(std::make_unique<MappedStream>(std::move(fd), chunk));
}

MappedStream::MappedStream(FileDescriptor fd, Chunk* chunk) : fd_(std::move(fd)), chunk_(chunk) {
  chunk_->ref();
  step();
}

void MappedStream::step() {
  const std::span<uint8_t> memory = chunk_->memory();
  struct stat st {};
  if (::fstat(fd_.get(), &st) != 0 || static_cast<size_t>(st.st_size) < memory.size()) {
    shrunk_ = true;
    problem_ = fmt::format("the file was {} bytes long and now is {}: something cuts it while it is read", memory.size(), st.st_size);
    return;
  }
  const size_t begin = position_ / kStepBytes * kStepBytes;
  next_step_ = begin + kStepBytes;
#ifdef MADV_POPULATE_READ
  // One call instead of a fault for every 16 pages; older kernels refuse it, and then the faults do the work.
  if (begin < memory.size()) ::madvise(memory.data() + begin, std::min(2 * kStepBytes, memory.size() - begin), MADV_POPULATE_READ);
#endif
  if (begin >= dropped_ + kKeepBytes + kStepBytes) {
    const size_t end = begin - kKeepBytes;
    ::madvise(memory.data() + dropped_, end - dropped_, MADV_DONTNEED);
    dropped_ = end;
  }
}

}  // namespace sensor
