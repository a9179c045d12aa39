// Which side of a connection.
#pragma once

#include <cstddef>
#include <cstdint>

namespace sensor {

/// The originator opened the connection (or is taken to have), the responder answered.
enum class Direction : uint8_t { Orig = 0, Resp = 1 };

constexpr Direction opposite(Direction d) {
  return d == Direction::Orig ? Direction::Resp : Direction::Orig;
}
constexpr size_t index(Direction d) {
  return static_cast<size_t>(d);
}

}  // namespace sensor
