// One connection, packet by packet.
#pragma once

#include <cstdint>

#include "conversation.h"
#include "frame.h"
#include "options.h"
#include "random.h"
#include "sensor/base/time.h"

namespace sensor::gen {

/// What a connection's next packet needs; small, since a million of them wait at a time.
class Connection {
 public:
  /// The number-th connection of a capture.
  Connection(const Options& o, uint64_t number);

  /// Writes the packet that is due at `now` and says when the next one is. An empty frame: a packet that the capture lost.
  struct Step {
    std::string_view frame;
    bool ended = false;
    TimeNs next_ns = 0;
  };
  Step step(TimeNs now, FrameBuilder& builder);

 private:
  enum class Phase : uint8_t { Start, SynAck, HandshakeAck, Message, Segment, Repeat, Ack, FinAck, LastAck, ScanAnswer };

  Endpoints endpoints() const;
  Character character() const;
  TimeNs rtt_ns() const;
  Step go(std::string_view frame, Phase next, TimeNs at) {
    phase_ = next;
    return {frame, false, at};
  }
  static Step end(std::string_view frame) { return {frame, true, 0}; }
  Step start(TimeNs now, FrameBuilder& b);
  Step datagram(TimeNs now, FrameBuilder& b);
  Step next_message(TimeNs now, FrameBuilder& b);
  Step segment(TimeNs now, FrameBuilder& b);
  Step after_segment(TimeNs now, std::string_view frame);
  Step close(TimeNs now, FrameBuilder& b);
  std::string_view tcp(FrameBuilder& b, bool from_client, uint8_t flags, std::string_view payload = {}, std::string_view options = {});
  std::string_view segment_frame(FrameBuilder& b, uint64_t offset, uint32_t length, uint32_t seq);
  TimeNs pace(TimeNs now, TimeNs natural_ns) const;

  const Options* options_;
  uint64_t number_;
  uint64_t seed_;
  // The message at hand: all that is needed to cut a segment out of its body without making it again.
  uint64_t message_bytes_ = 0, body_bytes_ = 0, offset_ = 0;
  uint32_t head_bytes_ = 0, pool_offset_ = 0, message_ = 0;
  uint32_t seq_client_, seq_server_;
  App app_;
  Phase phase_ = Phase::Start;
  uint8_t unacknowledged_ = 0;
  bool from_client_ = true, text_ = false;
};

}  // namespace sensor::gen
