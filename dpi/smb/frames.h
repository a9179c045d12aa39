// The frames of SMB over TCP: NetBIOS session messages (RFC 1002 section 4.3.1; over port 445: MS-SMB2 section 2.1).
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "sensor/base/byte_reader.h"

namespace sensor::smb {

/// Cuts both directions of a connection into messages. Reading begins with a piece that begins with a message, at first and after
/// resync(). Keeps at most one unfinished frame of each direction. Where resync() cuts a frame off, the direction's next piece is lost with
/// it, as it is in Zeek.
class Frames {
 public:
  /// Longer frames are malformed. Clients read and write 8 MiB at most at a time.
  static constexpr size_t kMaxFrame = 10 * 1024 * 1024;

  /// False when the piece is not read because no message begins with it.
  bool add(bool from_client, Bytes piece);
  /// The next whole message of the direction that add() was called for last, frames that carry none left out; lives until the next call,
  /// and no longer than the piece. None: the frame is not whole yet, or malformed(). To be called until then, or else give_up().
  std::optional<Bytes> next(bool from_client);
  /// A frame is too long, or its beginning was cut off: give_up() is due.
  bool malformed() const { return malformed_; }
  /// Forgets unfinished frames, of both directions.
  void resync();
  /// The same, where the direction's frame at hand was bad.
  void give_up(bool from_client);

 private:
  struct Side {
    std::vector<uint8_t> held;  // from the frame that is not read yet
    size_t read = 0;            // bytes of it that are read
    bool cut_off = false;       // resync() came in the middle of a frame
  };
  std::array<Side, 2> sides_;
  Bytes piece_;  // what is not read yet of a piece that need not be held
  bool in_sync_ = false;
  bool malformed_ = false;
};

/// Whether the first bytes of a direction are a message: its frame's header, and the mark of SMB 1 or 2 behind it.
enum class Match : uint8_t { No, Unsure, Yes };
Match begins_with_message(Bytes bytes);

}  // namespace sensor::smb
