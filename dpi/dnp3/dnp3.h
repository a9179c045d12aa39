// DNP3 over TCP and UDP (IEEE 1815-2012): link frames, the transport function's segments, and the beginning of application fragments.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "sensor/base/byte_reader.h"

namespace sensor::dnp3 {

/// Why a stream is not read any further.
enum class Problem : uint8_t {
  NoStart,         // a frame does not begin with 0x05 0x64
  HeaderChecksum,  // of a frame
  BlockChecksum,   // of up to 16 bytes of its content
  Length,          // of a frame, too short for its header
  MissingSegment,  // a fragment's first segment was not seen
  Fragment         // an application fragment is too short for its header
};

/// What a reader finds, in the order of the wire.
class Sink {
 public:
  virtual ~Sink() = default;
  /// A frame's header is there, and its checksum right.
  virtual void on_frame() = 0;
  /// The frame says that it comes from the other side (bit DIR of its control byte). Reading goes on.
  virtual void on_wrong_direction() = 0;
  /// A whole fragment, by the side that it comes from: requests are the client's, responses the server's.
  virtual void on_request(uint8_t function) = 0;
  /// `indications` are the internal ones, the first byte above.
  virtual void on_response(uint8_t function, uint16_t indications) = 0;
  virtual void on_problem(Problem problem) = 0;
};

/// Both directions of a connection. Keeps at most one frame of each, 292 bytes. Nothing is read behind a problem.
class Reader {
 public:
  static constexpr size_t kMaxFrame = 292;

  explicit Reader(Sink& sink) : sink_(sink) {}
  void feed(bool from_client, Bytes piece);
  bool stopped() const { return stopped_; }

 private:
  struct Side {
    std::array<uint8_t, kMaxFrame> held;  // an unfinished frame
    size_t size = 0;
    bool header_told = false;
    // Of the application fragment at hand:
    bool begun = false;
    size_t fragment_bytes = 0;
    std::array<uint8_t, 4> beginning{};
  };

  bool header(bool from_client, Bytes frame);
  bool frame(bool from_client, Side& side, Bytes frame);
  void keep(Side& side, Bytes block);
  bool fragment(bool from_client, Side& side);
  bool problem(Problem p);

  Sink& sink_;
  std::array<Side, 2> sides_;
  bool stopped_ = false;
};

/// Zeek's names: "READ", "unknown-99".
std::string function_name(uint8_t function);

enum class Match : uint8_t { No, Unsure, Yes };
/// Whether a side begins with a frame.
Match looks_like(Bytes bytes);

}  // namespace sensor::dnp3
