// Memory that packets lie in, counted by those who still look at it.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace sensor {

/// A buffer of a stream. The polling thread takes references and ends chunks; any thread drops references.
class Chunk {
 public:
  explicit Chunk(size_t capacity) : buffer_(std::make_unique_for_overwrite<uint8_t[]>(capacity)), memory_(buffer_.get(), capacity) {}
  Chunk(const Chunk&) = delete;
  Chunk& operator=(const Chunk&) = delete;

  std::span<uint8_t> memory() const { return memory_; }
  void ref() { refs_.fetch_add(1, std::memory_order_relaxed); }
  /// The release orders the holder's reads before the next use of the memory.
  void unref() { refs_.fetch_sub(1, std::memory_order_release); }
  /// Nobody holds it but the caller; polling thread only.
  bool held_once() const { return refs_.load(std::memory_order_acquire) == 1; }
  /// Nobody holds it; polling thread only.
  bool idle() const { return refs_.load(std::memory_order_acquire) == 0; }

 private:
  std::unique_ptr<uint8_t[]> buffer_;
  std::span<uint8_t> memory_;
  std::atomic<uint32_t> refs_{0};
};

/// All chunks of a source; polling thread only.
class ChunkPool {
 public:
  ChunkPool(size_t chunk_bytes, size_t max_buffers) : chunk_bytes_(chunk_bytes), max_buffers_(max_buffers) {}

  /// A buffer nobody holds, or nullptr when all are held. The lowest one first: it is the one still in the cache.
  Chunk* take_buffer() {
    for (auto& c : buffers_)
      if (c->idle()) return c.get();
    if (buffers_.size() == max_buffers_) return nullptr;
    return buffers_.emplace_back(std::make_unique<Chunk>(chunk_bytes_)).get();
  }

 private:
  size_t chunk_bytes_;
  size_t max_buffers_;
  std::vector<std::unique_ptr<Chunk>> buffers_;
};

}  // namespace sensor
