// WebSocket frames (RFC 6455 section 5), one direction of a stream.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "sensor/base/byte_reader.h"

namespace sensor::websocket {

/// Control frames carry no more (RFC 6455 section 5.5).
inline constexpr uint64_t kMaxControlBytes = 125;
/// Payload is handed on in pieces of at most this size.
inline constexpr size_t kChunkBytes = 8192;

/// What a server answers in Sec-WebSocket-Accept to a client's Sec-WebSocket-Key (RFC 6455 section 4.2.2).
std::string accept_for(std::string_view key);

/// Receives what a FrameReader finds. Views are valid during the call.
class FrameSink {
 public:
  virtual ~FrameSink() = default;
  /// Payload of text and binary messages, unmasked.
  virtual void on_payload(Bytes bytes) = 0;
  /// The last frame of a message, or a control frame, is complete.
  virtual void on_message() = 0;
  /// Zeek's weird; `name` has static storage.
  virtual void on_weird(std::string_view name, std::string_view addl) = 0;
};

/// Reads frames from a stream of any division. Holds at most a frame's header and kChunkBytes of payload.
class FrameReader {
 public:
  /// False when the frames contradict the protocol (a message begins within another, say); nothing more is read then.
  bool feed(Bytes bytes, FrameSink& sink);

 private:
  enum class Step : uint8_t { Header, Payload, Failed };

  bool header(FrameSink& sink);
  bool chunk(FrameSink& sink);
  void frame_done(FrameSink& sink);

  Step step_ = Step::Header;
  std::string held_;  // an unfinished header or chunk
  size_t needed_ = 2;
  uint64_t payload_left_ = 0;
  std::array<uint8_t, 4> mask_{};
  uint64_t mask_at_ = 0;
  uint8_t opcode_ = 0;  // of the message
  bool final_ = false;
  bool masked_ = false;
  bool in_message_ = false;
};

}  // namespace sensor::websocket
