// The files of the dashboard as they are served: compressed with gzip, held by the program itself.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace sensor {

struct DashboardAsset {
  std::string_view path;          // "/" is the page; what is below "/assets/" never changes under its name
  std::string_view content_type;  // "text/html; charset=utf-8", …
  std::span<const uint8_t> gzip;  // the body, with Content-Encoding: gzip
  std::string_view etag;          // with its quotes
};

/// Empty in a build without the dashboard (-Ddashboard=disabled). Static storage.
std::span<const DashboardAsset> dashboard_assets();

}  // namespace sensor
