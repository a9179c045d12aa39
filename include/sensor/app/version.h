// What this build is.
#pragma once

#include <string>

namespace sensor {

/// Version and built-in features, one line each.
std::string version_text();

}  // namespace sensor
