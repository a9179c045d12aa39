// 'sensor top': what a running sensor says of itself, on a terminal.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "sensor/app/config.h"

namespace sensor {

/// What the rates of the next screen are differences from.
struct TopMark {
  uint64_t packets = 0, bytes = 0, connections = 0, dropped = 0;
  double uptime_s = 0;
};

/// A screen of at most `rows` lines of at most `columns` characters, from the documents of /api/v1/status and /api/v1/top. Nothing in them
/// moves the cursor: characters that are not printable become '?'. `mark` is taken from and set.
std::string top_screen(std::string_view status, std::string_view top, size_t rows, size_t columns, std::optional<TopMark>& mark);
/// Text without control characters, marks of direction and bytes that are no UTF-8.
std::string printable(std::string_view text);

/// Draws a screen a second on a terminal until SIGINT; elsewhere writes one. Returns the exit status.
int show_top(const Config& config);

}  // namespace sensor
