// A plain file, mapped.
#pragma once

#include "capture_stream.h"
#include "file_descriptor.h"

namespace sensor {

class MappedStream final : public CaptureStream {
 public:
  /// Error{Usage} when the kernel refuses the mapping.
  static Result<std::unique_ptr<CaptureStream>> open(FileDescriptor fd, size_t bytes, ChunkPool& pool);
  MappedStream(FileDescriptor fd, Chunk* chunk);
  ~MappedStream() override { chunk_->unref(); }

  Bytes window() const override { return shrunk_ ? Bytes{} : Bytes(chunk_->memory()).subspan(position_); }
  Chunk* chunk() const override { return chunk_; }
  void consume(size_t n) override {
    position_ += n;
    if (position_ >= next_step_) step();
  }
  Fill fill(size_t) override { return shrunk_ ? Fill::Failed : Fill::End; }
  const std::string& problem() const override { return problem_; }
  uint64_t offset() const override { return position_; }
  uint64_t disk_bytes() const override { return position_; }
  std::string_view compression() const override { return {}; }

 private:
  void step();

  FileDescriptor fd_;
  Chunk* chunk_;
  size_t position_ = 0;
  size_t next_step_ = 0;
  size_t dropped_ = 0;  // pages before this were given back
  bool shrunk_ = false;
  std::string problem_;
};

}  // namespace sensor
