// Packet time: nanoseconds, signed, since the Unix epoch.
#pragma once

#include <cstdint>

namespace sensor {

/// Nanoseconds since 1970-01-01 00:00:00 UTC, leap seconds not counted. Everything that ends up in a log is in packet time.
using TimeNs = int64_t;
/// A length of time in nanoseconds.
using DurationNs = int64_t;

inline constexpr DurationNs kMicrosecond = 1'000;
inline constexpr DurationNs kMillisecond = 1'000'000;
inline constexpr DurationNs kSecond = 1'000'000'000;
inline constexpr DurationNs kMinute = 60 * kSecond;

}  // namespace sensor
