// The dashboard's files.
#pragma once

#include <vector>

#include "sensor/api/http_server.h"

namespace sensor {

/// A route for every file of the dashboard; without a dashboard one that says how to build it.
std::vector<Route> page_routes();

}  // namespace sensor
