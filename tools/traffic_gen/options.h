// What to generate.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "sensor/base/result.h"

namespace sensor::gen {

enum class App : uint8_t { Dns, Http, Tls, Bulk, Syn, Scan, Idle, kCount };
inline constexpr std::array<std::string_view, static_cast<size_t>(App::kCount)> kAppNames{"dns", "http", "tls", "bulk",
                                                                                          "syn", "scan", "idle"};

/// Weight of each kind of connection.
using Mix = std::array<double, static_cast<size_t>(App::kCount)>;

struct Options {
  uint64_t seed = 1;
  uint64_t connections = 10'000;
  Mix mix{};
  /// Packets that an http, tls or bulk connection has on average; 0: as the sizes of its messages make it.
  uint32_t packets_per_connection = 0;
  /// Bytes of a bulk connection on average, where packets_per_connection is 0.
  uint64_t bulk_bytes = 1'000'000;
  /// Connections begin evenly spread over this time.
  double window_s = 60;
  /// All connections begin in the first tenth of the window, spread their packets over the rest, and stay open.
  bool long_lived = false;
  double ipv6_share = 0;
  /// Share of TCP data segments that are lost: half of them are missing in the capture, half are seen twice.
  double loss_share = 0;
};

/// Reads "dns:40,http:25"; Error{Usage} for an unknown name or a weight that is no number.
Result<Mix> parse_mix(std::string_view text);

/// A named set of options: idle, flows, syn, mixed. Error{Usage} for another name.
Result<Options> profile(std::string_view name);

}  // namespace sensor::gen
