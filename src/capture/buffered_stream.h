// A capture file or a pipe, compressed or not, read through buffers.
#pragma once

#include <vector>

#include "capture_stream.h"
#include "file_descriptor.h"
#include "unpacker.h"

namespace sensor {

class BufferedStream final : public CaptureStream {
 public:
  /// What is no regular file may block for long and is polled for. `least_bytes`: a regular file that ends earlier was cut meanwhile.
  BufferedStream(FileDescriptor fd, bool regular, uint64_t least_bytes, ChunkPool& pool);
  ~BufferedStream() override;

  Bytes window() const override { return chunk_ == nullptr ? Bytes{} : Bytes(chunk_->memory()).subspan(begin_, end_ - begin_); }
  Chunk* chunk() const override { return chunk_; }
  void consume(size_t n) override {
    begin_ += n;
    offset_ += n;
  }
  Fill fill(size_t want) override;
  const std::string& problem() const override { return problem_; }
  uint64_t offset() const override { return offset_; }
  uint64_t disk_bytes() const override { return verbatim_ ? offset_ : disk_bytes_ - pending().size(); }
  std::string_view compression() const override { return unpacker_ == nullptr ? std::string_view{} : unpacker_->name(); }

 private:
  Bytes pending() const { return Bytes(input_).subspan(input_begin_, input_end_ - input_begin_); }
  bool make_room(size_t want);
  Fill read_input();
  Fill read_into(std::span<uint8_t> room, size_t& end);
  Fill unpack();
  Fill fail(std::string why) {
    problem_ = std::move(why);
    return Fill::Failed;
  }

  FileDescriptor fd_;
  bool regular_;
  uint64_t least_bytes_;
  ChunkPool& pool_;
  std::unique_ptr<Unpacker> unpacker_;  // null until the first bytes are there
  bool verbatim_ = false;               // nothing is to be unpacked: what is read goes straight into the chunk
  std::vector<uint8_t> input_;
  size_t input_begin_ = 0, input_end_ = 0;
  bool input_ended_ = false;
  Chunk* chunk_ = nullptr;
  size_t begin_ = 0, end_ = 0;  // the window, in the chunk
  uint64_t offset_ = 0;
  uint64_t disk_bytes_ = 0;
  std::string problem_;
};

}  // namespace sensor
