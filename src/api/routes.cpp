#include "routes.h"

#include <optional>
#include <string_view>

namespace sensor {
namespace {

std::string_view next_segment(std::string_view& path) {
  const size_t end = std::min(path.find('/', 1), path.size());
  const std::string_view segment = path.substr(0, end);
  path.remove_prefix(end);
  return segment;
}

/// Compares segment by segment, each with the slash before it.
std::optional<std::map<std::string, std::string>> variables_of(std::string_view pattern, std::string_view path) {
  std::map<std::string, std::string> variables;
  while (!pattern.empty() && !path.empty()) {
    const std::string_view wanted = next_segment(pattern), given = next_segment(path);
    if (wanted.starts_with("/{") && given.size() > 1)
      variables[std::string(wanted.substr(2, wanted.size() - 3))] = given.substr(1);
    else if (wanted != given)
      return std::nullopt;
  }
  return pattern.empty() && path.empty() ? std::optional(std::move(variables)) : std::nullopt;
}

}  // namespace

RouteMatch find_route(std::span<const Route> routes, const HttpRequest& request) {
  RouteMatch match;
  const std::string_view method = request.method == "HEAD" ? "GET" : std::string_view(request.method);
  for (const Route& r : routes) {
    const auto variables = variables_of(r.path, request.path);
    if (!variables) continue;
    match.methods += (match.methods.empty() ? "" : ", ") + r.method;
    if (r.method != method) continue;
    match.route = &r;
    match.variables = *variables;
  }
  return match;
}

}  // namespace sensor
