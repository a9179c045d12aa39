// The handshake message that CRYPTO frames carry (RFC 9000 section 19.6).
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "sensor/base/byte_reader.h"

namespace sensor::quic {

/// Puts the first handshake message of one direction together from pieces in any order. The hellos are all that Initial packets carry of a
/// handshake, so what follows the message contradicts the protocol.
class CryptoStream {
 public:
  enum class Verdict : uint8_t { NeedMore, Complete, Malformed };
  /// The longest message, header included.
  static constexpr size_t kMaxMessageBytes = (1 << 14) + 256;

  Verdict add(uint64_t offset, Bytes data);
  /// The message with its 4-byte header; once add() said Complete.
  Bytes message() const { return buffer_; }
  /// True when more than the message came.
  bool overrun() const { return overrun_; }

 private:
  using Range = std::pair<size_t, size_t>;  // from, to (not included)

  void insert(size_t from, size_t to);
  /// Bytes at the beginning without a hole.
  size_t contiguous() const { return !ranges_.empty() && ranges_.front().first == 0 ? ranges_.front().second : 0; }

  std::vector<uint8_t> buffer_;
  std::vector<Range> ranges_;  // in order, apart from each other
  bool overrun_ = false;
};

}  // namespace sensor::quic
