#include "sensor/app/command_line.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <optional>

#include "sensor/api/endpoint.h"
#include "sensor/app/version.h"
#include "sensor/capture/doctor.h"
#include "sensor/capture/interface_list.h"
#include "sensor/capture/interfaces.h"

namespace sensor {
namespace {

/// The arguments as given; applied to a Config after the file and the environment, so that they win.
struct Arguments {
  std::vector<std::string> pcap_files, settings;
  std::string interfaces, dpdk, config_file, log_dir, log_format, workers, filter;
  std::optional<uint64_t> uid_seed;
  std::optional<double> duration_s;
  bool ignore_checksums = false, quiet = false, no_color = false, no_http = false;
};

void declare(CLI::App& app, Arguments& a) {
  app.add_option("-r,--pcap", a.pcap_files, "replay capture files (pcap, pcapng, .gz, .zst; \"-\" is standard input)")
      ->type_name("FILE...");
  app.add_option("-i,--interface", a.interfaces, "capture from these interfaces")->type_name("IF[,IF...]");
  app.add_option("--dpdk", a.dpdk, "capture from DPDK ports; arguments of its environment layer")->type_name("'EAL ARGS'");
  app.add_option("--log-dir", a.log_dir, "write logs here (default: the current directory)")->type_name("DIR");
  app.add_option("--log-format", a.log_format, "tsv, json or both (default: tsv)")->type_name("FORMAT");
  app.add_option("--workers", a.workers, "worker threads, a number or auto (default: auto)")->type_name("N");
  app.add_option("--filter", a.filter, "BPF filter in tcpdump's syntax")->type_name("'BPF'");
  app.add_option("--config", a.config_file, "read a TOML configuration file")->type_name("FILE");
  app.add_option("--set", a.settings, "set one configuration key; docs/CONFIGURATION.md lists them")
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false);
  app.add_flag("-C,--ignore-checksums", a.ignore_checksums, "accept packets with wrong checksums");
  app.add_option("--uid-seed", a.uid_seed, "seed of the connection ids (default: fixed in replay, else random)")->type_name("N");
  app.add_option("--duration", a.duration_s, "stop after this many seconds (replay: of packet time)")
      ->type_name("S")
      ->check(CLI::PositiveNumber);
  app.add_flag("--no-http", a.no_http, "live: no HTTP endpoint");
  app.add_flag("--quiet", a.quiet, "print nothing but errors");
  app.add_flag("--no-color", a.no_color, "no colours on a terminal");
}

void read_interfaces(Config& config, const std::string& names) {
  config.interfaces = names;
  config.dpdk_eal.clear();
}

Status apply(const Arguments& a, Config& config) {
  if (!a.config_file.empty())
    if (auto s = load_config(config, a.config_file); !s.ok()) return s;
  if (const char* dir = std::getenv("SENSOR_LOG_DIR"); dir != nullptr && *dir != 0) config.log_dir = dir;
  if (const char* name = std::getenv("SENSOR_INTERFACE"); name != nullptr && *name != 0) read_interfaces(config, name);
  for (const std::string& setting : a.settings) {
    const size_t eq = setting.find('=');
    if (eq == std::string::npos) return Error{Error::Usage, fmt::format("--set {} has no '='; write --set KEY=VALUE", setting)};
    if (auto s = set_config(config, setting.substr(0, eq), setting.substr(eq + 1)); !s.ok()) return s;
  }
  if (!a.workers.empty())
    if (auto s = set_config(config, "worker.count", a.workers == "auto" ? "0" : a.workers); !s.ok()) return s;
  if (!a.log_format.empty())
    if (auto s = set_config(config, "log.format", a.log_format); !s.ok()) return s;
  if (!a.interfaces.empty()) read_interfaces(config, a.interfaces);
  if (!a.dpdk.empty()) {
    config.dpdk_eal = a.dpdk;
    config.interfaces.clear();
  }
  if (!a.pcap_files.empty()) read_interfaces(config, "");
  if (!a.log_dir.empty()) config.log_dir = a.log_dir;
  if (!a.filter.empty()) config.filter = a.filter;
  if (a.uid_seed) config.session.uid_seed = *a.uid_seed;
  config.uid_seed_set = a.uid_seed.has_value();
  if (a.duration_s) config.duration_ns = static_cast<DurationNs>(*a.duration_s * 1e9);
  config.pcap_files = a.pcap_files;
  config.ignore_checksums |= a.ignore_checksums;
  if (a.no_http) config.api_port = 0;
  config.quiet |= a.quiet;
  config.color = !a.no_color;
  return Ok{};
}

ExitCommand usage_error(const std::string& message) {
  return {Error::Usage, fmt::format("sensor: {}\nTry 'sensor --help'.\n", message)};
}

ExitCommand doctor_command(const std::string& interface, bool fix) {
  const auto report = examine_interface(interface, fix);
  if (!report.ok()) return usage_error(report.error().message);
  return {report.value().healthy ? 0 : 1, report.value().text, false};
}

}  // namespace

Command parse_command_line(int argc, const char* const* argv) {
  CLI::App app{"sensor turns packets into Zeek-compatible logs, application labels and statistics.", "sensor"};
  Arguments a;
  declare(app, a);
  auto* version = app.add_subcommand("version", "print the version and what was built in");
  auto* status = app.add_subcommand("status", "what the sensor that writes to --log-dir says of itself")->fallthrough();
  auto* top = app.add_subcommand("top", "the same on a terminal, once a second")->fallthrough();
  auto* serve = app.add_subcommand("serve", "capture when told to, from a browser or a program")->fallthrough();
  auto* interfaces = app.add_subcommand("interfaces", "list the network interfaces");
  auto* doctor = app.add_subcommand("doctor", "what spoils captures on an interface, and how to mend it");
  std::string examined;
  bool fix = false;
  doctor->add_option("IF", examined, "network interface")->required();
  doctor->add_flag("--fix", fix, "apply what is safe, until the next boot");
  auto* check = app.add_subcommand("check-config", "check a configuration file");
  std::string checked_file;
  check->add_option("FILE", checked_file, "TOML configuration file")->required();
  app.get_formatter()->column_width(34);
  app.footer("Examples: sensor --pcap trace.pcap --log-dir logs\n          sensor --interface eth0 --log-dir logs");
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    return ExitCommand{0, app.help()};
  } catch (const CLI::ParseError& e) {
    return usage_error(e.what());
  }
  if (version->parsed()) return ExitCommand{0, version_text()};
  if (interfaces->parsed()) return ExitCommand{0, interfaces_text()};
  if (doctor->parsed()) return doctor_command(examined, fix);
  RunCommand run;
  if (check->parsed()) {
    if (auto s = load_config(run.config, checked_file); !s.ok()) return usage_error(s.error().message);
    return ExitCommand{0, fmt::format("{}: fine\n", checked_file)};
  }
  if (status->parsed() || top->parsed()) {
    if (auto s = apply(a, run.config); !s.ok()) return usage_error(s.error().message);
    if (top->parsed()) return TopCommand{run.config};
    const auto answer = ask_endpoint(status_socket(run.config), "/api/v1/status");
    return answer.ok() ? ExitCommand{0, answer.value()} : ExitCommand{answer.error().kind, "sensor: " + answer.error().message + "\n"};
  }
  if (!a.pcap_files.empty() + !a.interfaces.empty() + !a.dpdk.empty() > 1)
    return usage_error("--pcap, --interface and --dpdk exclude each other; name one of them");
  if (auto s = apply(a, run.config); !s.ok()) return usage_error(s.error().message);
  run.config.serve = serve->parsed();
  if (run.config.serve && !run.config.dpdk_eal.empty())
    return usage_error("DPDK's ports are opened once in a process; name them with --dpdk, without serve");
  const bool interfaces_named = !split_interfaces(run.config.interfaces).empty(), dpdk_named = !run.config.dpdk_eal.empty();
  if (interfaces_named && dpdk_named) return usage_error("input.interface and dpdk.eal exclude each other; set one of them");
  if (run.config.pcap_files.empty() && !interfaces_named && !dpdk_named && !run.config.serve)
    return usage_error("nothing to read; name a capture file with --pcap, an interface with --interface or DPDK's arguments with --dpdk");
  return run;
}

}  // namespace sensor
