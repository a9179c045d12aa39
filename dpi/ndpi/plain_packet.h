// A packet as nDPI gets to see it.
#pragma once

#include <cstdint>
#include <vector>

#include "sensor/net/packet.h"

namespace sensor::ndpi {

/// Rebuilds TCP and UDP packets with plain headers made from what the decoder found, and zeros behind them: no option, extension header,
/// fragment or length field of the sender's reaches nDPI, and where one of its string functions runs over the end (4.2 has such places),
/// it finds the zeros.
class PlainPacket {
 public:
  /// More payload than this is cut off; nothing nDPI looks for lies behind it.
  static constexpr size_t kMaxPayload = 16384;
  static constexpr size_t kPadding = 256;

  /// Empty when the packet is neither TCP nor UDP. The bytes live until the next call.
  Bytes build(const DecodedPacket& packet);

 private:
  static constexpr size_t kMaxHeaders = 60;

  std::vector<uint8_t> bytes_;
};

}  // namespace sensor::ndpi
