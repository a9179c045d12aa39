// Which route a request takes.
#pragma once

#include <map>
#include <span>
#include <string>

#include "sensor/api/http_server.h"

namespace sensor {

struct RouteMatch {
  const Route* route = nullptr;
  std::map<std::string, std::string> variables;
  std::string methods;  // that the path takes; empty: there is no such path
};

/// HEAD is answered as GET; the library leaves out the body.
RouteMatch find_route(std::span<const Route> routes, const HttpRequest& request);

}  // namespace sensor
