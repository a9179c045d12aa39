// Capture file formats as pure parsers: a window of the file's bytes in, packets out. No I/O.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "sensor/net/packet.h"

namespace sensor {

/// Timestamps are kept below this, so that a timeout can be added to any of them.
inline constexpr TimeNs kMaxTimestampNs = TimeNs{1} << 62;

/// What one call of RecordParser::parse made of a window.
struct Parsed {
  size_t packets = 0;   // written to `out`
  size_t consumed = 0;  // bytes of the window that are done with
  size_t wanted = 0;    // not 0: the window must hold this many bytes after the consumed ones before parsing can go on
  bool bad = false;     // what follows the consumed bytes cannot be a record; problem() says why
};

/// Reads the records of one capture file. Belongs to the thread that polls.
class RecordParser {
 public:
  /// The longest run of bytes that a parser ever asks to see at once (`wanted`).
  static constexpr size_t kMaxWanted = 512 << 10;

  virtual ~RecordParser() = default;
  /// Parses records from the front of the window until `out` is full or bytes are missing. The packets view the window.
  virtual Parsed parse(Bytes window, std::span<PacketView> out) = 0;
  /// Why parse() said bad.
  virtual const std::string& problem() const = 0;
  /// True when the file may end after the bytes consumed so far.
  virtual bool between_records() const = 0;
  /// Link types declared so far; grows as a pcapng file declares interfaces, never shrinks.
  virtual std::span<const LinkType> link_types() const = 0;
};

/// What the first bytes of a file are.
struct Detected {
  enum class Kind : uint8_t { NeedMore, Capture, NotCapture };

  Kind kind = Kind::NotCapture;
  std::unique_ptr<RecordParser> parser;  // for Capture
  size_t header_bytes = 0;               // to be consumed before the first parse()
  std::string problem;                   // for NotCapture
};

/// Tells the format from the first bytes. NeedMore: they may become a capture (24 bytes always decide).
Detected detect_format(Bytes head);

/// The two parsers. detect_format() calls them with the bytes of a header of their format, of which enough are there.
Detected make_pcap_parser(Bytes head);
std::unique_ptr<RecordParser> make_pcapng_parser();

}  // namespace sensor
