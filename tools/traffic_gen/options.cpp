#include "options.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cmath>

namespace sensor::gen {

Result<Mix> parse_mix(std::string_view text) {
  Mix mix{};
  while (!text.empty()) {
    const std::string_view item = text.substr(0, text.find(','));
    text.remove_prefix(std::min(text.size(), item.size() + 1));
    const size_t colon = item.find(':');
    const auto app = std::ranges::find(kAppNames, item.substr(0, colon));
    if (app == kAppNames.end())
      return Error{Error::Usage, fmt::format("the mix names '{}'; it knows {}", item.substr(0, colon), fmt::join(kAppNames, ", "))};
    const std::string_view weight = colon == std::string_view::npos ? "1" : item.substr(colon + 1);
    double value = 0;
    const auto [end, problem] = std::from_chars(weight.data(), weight.data() + weight.size(), value);
    if (problem != std::errc{} || end != weight.data() + weight.size() || !std::isfinite(value) || value < 0)
      return Error{Error::Usage, fmt::format("the weight '{}' in the mix is not a number; write NAME:WEIGHT as in dns:40,http:25", weight)};
    mix[static_cast<size_t>(app - kAppNames.begin())] = value;
  }
  if (std::ranges::all_of(mix, [](double w) { return w <= 0; }))
    return Error{Error::Usage, "the mix is empty; give at least one kind a weight above 0, as in dns:40,http:25"};
  return mix;
}

Result<Options> profile(std::string_view name) {
  Options o;
  const auto with_mix = [&](std::string_view mix) {
    o.mix = parse_mix(mix).value();
    return o;
  };
  if (name == "mixed") {
    o.connections = 100'000;
    o.packets_per_connection = 110;
    return with_mix("dns:40,http:25,tls:25,bulk:5,syn:2,scan:3");
  }
  if (name == "idle") {
    o.connections = 1'000'000;
    o.window_s = 120;
    return with_mix("idle");
  }
  if (name == "flows") {
    o.connections = 1'000'000;
    o.packets_per_connection = 20;
    o.long_lived = true;
    return with_mix("bulk");
  }
  if (name == "syn") {
    o.connections = 500'000;
    o.window_s = 30;
    return with_mix("syn");
  }
  return Error{Error::Usage, fmt::format("no profile is called '{}'; there are mixed, idle, flows and syn", name)};
}

}  // namespace sensor::gen
