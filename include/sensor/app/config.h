// What the user may set, declared once: key, kind, limits and one sentence. Files, --set, the environment and the documentation
// use the same table.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "sensor/base/result.h"
#include "sensor/base/time.h"
#include "sensor/capture/af_packet.h"
#include "sensor/capture/dpdk.h"
#include "sensor/output/log_writer.h"
#include "sensor/session/session_config.h"

namespace sensor {

/// The whole configuration. Plain values; built before any thread starts and not changed afterwards.
struct Config {
  // What to read.
  std::vector<std::string> pcap_files;  // "-" is standard input
  std::string interfaces;               // live: "eth0,eth1"
  std::string dpdk_eal;                 // live: arguments of DPDK's environment layer; with `interfaces` empty as well: replay
  std::string filter;                   // BPF; empty: everything
  DurationNs duration_ns = 0;           // stop after this much packet time (live: time); 0: never
  Fanout fanout = Fanout::Hash;
  TimestampSource timestamps = TimestampSource::Software;
  uint64_t ring_mib = 64;
  bool promiscuous = true;
  bool busy_poll = false;
  std::string dpdk_ports;                // "net_af_packet0,1"; empty: all
  IdleMode dpdk_idle = IdleMode::Sleep;  // Poll: with busy_poll
  uint32_t dpdk_queue_packets = 4096, dpdk_ring_packets = 16384, dpdk_mtu = 0;
  // How.
  uint64_t workers = 0;  // 0: chosen from the cores and the size of the input
  bool ignore_checksums = false;
  bool uid_seed_set = false;  // false: replay uses a fixed seed, live a random one
  SessionConfig session;
  // As whom, live.
  std::string run_user, run_group;
  bool seccomp = true;
  // Where it can be asked, live.
  std::string api_address = "127.0.0.1", api_socket;
  uint64_t api_port = 9047;  // 0: no HTTP endpoint
  bool serve = false;        // capture when told to: 'sensor serve'; all below belongs to it
  std::string api_certificate, api_key;
  bool api_plain_http = false, api_open_reading = false;
  std::string api_token_file, api_database, api_host_names, api_pcap_dir;
  DurationNs api_session_ns = 720 * kMinute;
  uint64_t api_upload_mib = 1024;
  // What comes out.
  std::string log_dir = ".";
  LogFormats log_format = LogFormats::Tsv;
  NoticeOptions notices;
  AssetOptions assets;
  RotationOptions rotation;
  uint64_t rotate_mib = 0, keep_mib = 0;  // of `rotation`, in MiB
  // Files that are kept; an empty directory: none. Limits as in FileExtractionOptions.
  std::string extract_dir;
  uint64_t extract_max_files = 10'000, extract_max_mib = 10'240, extract_per_minute = 600;
  DurationNs stats_interval_ns = 5 * kMinute;
  uint64_t top_count = 10;
  bool quiet = false;
  bool color = true;
};

/// A value out of a few that have names; the names stand in the order of the enumeration.
struct Choice {
  std::span<const std::string_view> names;
  void (*set)(Config&, size_t);
  size_t (*get)(const Config&);
};

/// Where a key's value lives in a Config. The alternatives are the kinds of value: count, duration, switch, text, choice, protocols.
using ConfigValue = std::variant<uint64_t*, uint32_t*, DurationNs*, bool*, std::string*, Choice, ProtocolsOff*>;

/// One key that configuration files and --set know.
struct ConfigKey {
  std::string_view name;  // dotted, e.g. "flow.capacity"
  ConfigValue (*value)(Config&);
  uint64_t min, max;  // counts as they are, durations in seconds; ignored for switches and texts
  std::string_view doc;
  bool reloads = false;                         // changes while a live sensor runs, on SIGHUP
  Status (*check)(std::string_view) = nullptr;  // of a text
};

std::span<const ConfigKey> config_keys();

/// Sets one key from text ("5min", "1000000", "true"). Error: unknown key (with the nearest one), bad value, out of range.
Status set_config(Config& config, std::string_view key, std::string_view value);
/// A key's value as --set takes it.
std::string config_text(const ConfigKey& key, const Config& config);
/// What changed from `before` to `after`: the keys that a live sensor takes over while it runs, and those that take a restart.
struct ConfigChanges {
  std::vector<std::string_view> taken_over, ignored;
};
ConfigChanges config_changes(const Config& before, const Config& after);
/// Takes over what a live sensor can take over.
ConfigChanges take_over(Config& config, const Config& wanted);
/// What the operator is told of it.
std::string describe(const ConfigChanges& changes);
std::string status_socket(const Config& config);
/// Rotation with its sizes in bytes.
RotationOptions rotation_of(const Config& config);
/// Reads a TOML file: [section] key = value. Error: file missing, syntax, or as set_config.
Status load_config(Config& config, const std::string& path);

}  // namespace sensor
