// One queue of packets, whatever it comes from.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>

#include "sensor/base/result.h"
#include "sensor/net/packet.h"

namespace sensor {

class PacketSource;

/// A burst of packets. Its end gives the ring block, the mbufs or the file buffer back to the source, so no view of its
/// packets may outlive it. Moves, does not copy. Lives in the loop of the thread that polls.
class PacketBatch {
 public:
  PacketBatch() = default;
  PacketBatch(PacketSource* source, std::span<const PacketView> packets, uint64_t token)
      : source_(source), packets_(packets), token_(token) {}
  PacketBatch(PacketBatch&& o) noexcept
      : source_(std::exchange(o.source_, nullptr)), packets_(std::exchange(o.packets_, {})), token_(o.token_) {}
  PacketBatch& operator=(PacketBatch&& o) noexcept;
  ~PacketBatch() { release(); }

  std::span<const PacketView> packets() const { return packets_; }
  bool empty() const { return packets_.empty(); }

 private:
  void release();

  PacketSource* source_ = nullptr;
  std::span<const PacketView> packets_;
  uint64_t token_ = 0;
};

/// Where packets come from. One thread polls one source.
class PacketSource {
 public:
  enum class State : uint8_t { Running, Finished, Failed };

  virtual ~PacketSource() = default;
  /// The next burst, at most a few dozen packets; empty when there is nothing now or no more (state() tells).
  virtual PacketBatch poll() = 0;
  virtual State state() const = 0;
  /// Why the source failed; meaningful when state() is Failed.
  virtual const Error& error() const = 0;

 protected:
  friend class PacketBatch;
  /// Takes back what a batch held; the token is the one the batch was made with.
  virtual void release(uint64_t token) = 0;
};

inline void PacketBatch::release() {
  if (source_ != nullptr) source_->release(token_);
  source_ = nullptr;
}
inline PacketBatch& PacketBatch::operator=(PacketBatch&& o) noexcept {
  if (this != &o) {
    release();
    source_ = std::exchange(o.source_, nullptr);
    packets_ = std::exchange(o.packets_, {});
    token_ = o.token_;
  }
  return *this;
}

}  // namespace sensor
