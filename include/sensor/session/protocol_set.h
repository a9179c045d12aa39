// Which protocols are read.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sensor/base/result.h"
#include "sensor/net/packet.h"

namespace sensor {

/// Protocols as bits: bit i stands for protocols()[i].
using ProtocolMask = uint64_t;

/// Calls `f(size_t i)` for every bit, lowest first.
template <class F>
void each_protocol(ProtocolMask mask, F f) {
  for (; mask != 0; mask &= mask - 1) f(static_cast<size_t>(__builtin_ctzll(mask)));
}

/// The protocols that were not switched off, by what a connection asks for. Immutable.
class ProtocolSet {
 public:
  explicit ProtocolSet(ProtocolMask off);

  ProtocolMask all() const { return all_; }
  /// Those over a transport.
  ProtocolMask over(Transport t) const { return over_[static_cast<size_t>(t)]; }
  /// Those whose streams are read although their beginning was not seen.
  ProtocolMask partial() const { return partial_; }
  /// Those that begin before content was seen because the responder has this port.
  ProtocolMask on_port(Transport t, uint16_t port) const;

 private:
  ProtocolMask all_ = 0, partial_ = 0;
  std::array<ProtocolMask, 4> over_{};
  std::vector<std::pair<uint16_t, ProtocolMask>> by_port_;  // ascending
};

/// Protocols by their names in the configuration, separated by commas. Error{Usage}: a name that is not known, with those that are.
Result<ProtocolMask> parse_protocols(std::string_view names);
/// The same backwards.
std::string protocol_names(ProtocolMask mask);

}  // namespace sensor
