// Writes docs/CONFIGURATION.md from the table of configuration keys.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cstdio>

#include "sensor/app/config.h"
#include "sensor/session/protocol_set.h"

namespace {

using sensor::Config;
using sensor::ConfigKey;
using sensor::DurationNs;

/// As configuration files write it.
std::string duration(DurationNs ns) {
  constexpr std::pair<std::string_view, DurationNs> kUnits[] = {{"d", 24 * 60 * sensor::kMinute},
                                                                {"h", 60 * sensor::kMinute},
                                                                {"min", sensor::kMinute},
                                                                {"s", sensor::kSecond},
                                                                {"ms", sensor::kMillisecond}};
  if (ns == 0) return "0";
  for (const auto& [unit, length] : kUnits)
    if (ns % length == 0) return fmt::format("{}{}", ns / length, unit);
  return fmt::format("{}s", static_cast<double>(ns) / 1e9);
}

struct Shown {
  std::string kind, value;
};

Shown show(const ConfigKey& key, Config& config) {
  const sensor::ConfigValue v = key.value(config);
  const auto range = [&](auto text) { return fmt::format("{} to {}", text(key.min), text(key.max)); };
  const auto count = [](uint64_t n) { return fmt::format("{}", n); };
  const auto seconds = [](uint64_t n) { return duration(static_cast<DurationNs>(n) * sensor::kSecond); };
  if (auto* const* n = std::get_if<uint64_t*>(&v)) return {"number, " + range(count), count(**n)};
  if (auto* const* n = std::get_if<uint32_t*>(&v)) return {"number, " + range(count), count(**n)};
  if (auto* const* d = std::get_if<DurationNs*>(&v)) return {"duration, " + range(seconds), duration(**d)};
  if (auto* const* b = std::get_if<bool*>(&v)) return {"true or false", **b ? "true" : "false"};
  if (const auto* choice = std::get_if<sensor::Choice>(&v))
    return {fmt::format("{}", fmt::join(choice->names, ", ")), fmt::format("\"{}\"", choice->names[choice->get(config)])};
  if (auto* const* off = std::get_if<sensor::ProtocolsOff*>(&v))
    return {"any of " + sensor::protocol_names(~uint64_t{0}), fmt::format("\"{}\"", sensor::protocol_names((*off)->mask))};
  return {"text", fmt::format("\"{}\"", *std::get<std::string*>(v))};
}

std::string document() {
  std::string s =
      "# Configuration\n\n"
      "Every key that a configuration file (`--config FILE`, TOML) and `--set KEY=VALUE` know. Generated from the table in\n"
      "`src/app/config.cpp`: change that, then run `ninja -C build docs`.\n\n"
      "    [flow]\n"
      "    timeout_udp_idle = \"30s\"\n"
      "    capacity = 500_000\n\n"
      "is the same as `--set flow.timeout_udp_idle=30s --set flow.capacity=500000`. The command line wins over the environment\n"
      "(`SENSOR_INTERFACE`, `SENSOR_LOG_DIR`), which wins over the file. A duration is a number of seconds, or a number and one of ms, s, "
      "min, h, d. A key "
      "that "
      "is\n"
      "not known and a value out of its range are errors: exit status 2, and no log is opened. `sensor check-config FILE` tells before a "
      "run.\nA live sensor that gets SIGHUP reads its configuration again, takes over the keys marked ⟳, and says which changes take a "
      "restart.\n";
  Config defaults;
  std::string_view section;
  for (const ConfigKey& key : sensor::config_keys()) {
    const std::string_view its = key.name.substr(0, key.name.find('.'));
    if (its != section) s += fmt::format("\n## {}\n\n| key | default | values | |\n|---|---|---|---|\n", its);
    section = its;
    const Shown shown = show(key, defaults);
    s += fmt::format("| `{}` | {} | {} | {}{} |\n", key.name, shown.value, shown.kind, key.doc, key.reloads ? " ⟳" : "");
  }
  return s;
}

}  // namespace

int main() {
  const std::string text = document();
  return std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0 ? 0 : 1;
}
