// The first bytes of a TCP connection, kept until its protocol is known.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "sensor/base/byte_reader.h"
#include "sensor/session/analyzer.h"

namespace sensor {

/// Keeps what both directions sent, in one piece for the probes and in the order of arrival for the analyzer that is started later. Probes
/// do not see gaps: Zeek's signatures are matched as though the bytes on both sides of one followed each other.
/// Limits: `max_bytes` of both directions together and kMaxChunks pieces; the piece that crosses a limit is still taken, as in Zeek.
/// A connection holds one from its first data on for as long as detection may need it.
class DetectBuffer {
 public:
  static constexpr size_t kMaxChunks = 100;

  void clear();
  void add(Direction d, Bytes bytes);
  void add_gap(Direction d, uint64_t bytes);
  bool full(uint64_t max_bytes) const { return fills(0, max_bytes) || chunks_.size() > kMaxChunks; }
  /// Whether it would be full with another piece of so many bytes.
  bool would_fill(size_t bytes, uint64_t max_bytes) const { return fills(bytes, max_bytes) || chunks_.size() >= kMaxChunks; }
  /// What a probe sees of a direction.
  Bytes prefix(Direction d) const { return bytes_[index(d)]; }

  /// Calls data(Direction, Bytes) and gap(Direction, uint64_t) in the order of arrival. Neither may touch this buffer.
  template <class OnData, class OnGap>
  void replay(OnData data, OnGap gap) const {
    std::array<size_t, 2> at{};
    for (const Chunk& c : chunks_) {
      if (c.gap) {
        gap(c.direction, c.size);
        continue;
      }
      size_t& pos = at[index(c.direction)];
      data(c.direction, Bytes(bytes_[index(c.direction)]).subspan(pos, c.size));
      pos += c.size;
    }
  }

 private:
  struct Chunk {
    uint64_t size;
    Direction direction;
    bool gap;
  };

  bool fills(size_t more, uint64_t max_bytes) const { return bytes_[0].size() + bytes_[1].size() + more > max_bytes; }

  std::array<std::vector<uint8_t>, 2> bytes_;
  std::vector<Chunk> chunks_;
};

}  // namespace sensor
