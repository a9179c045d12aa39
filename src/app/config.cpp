#include "sensor/app/config.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <toml++/toml.h>

#include <algorithm>
#include <charconv>

#include "sensor/output/notice_kinds.h"
#include "sensor/session/protocol_set.h"

namespace sensor {
namespace {

constexpr uint64_t kDaySeconds = 86'400;

/// Units a duration may end in, in nanoseconds; a bare number is seconds.
constexpr std::pair<std::string_view, double> kDurationUnits[] = {
    {"ms", 1e6}, {"min", 60e9}, {"sec", 1e9}, {"s", 1e9}, {"m", 60e9}, {"h", 3600e9}, {"hr", 3600e9}, {"d", 86400e9}, {"", 1e9},
};

size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); j++) row[j] = j;
  for (size_t i = 1; i <= a.size(); i++) {
    size_t diagonal = std::exchange(row[0], i);
    for (size_t j = 1; j <= b.size(); j++) {
      const size_t best = std::min({row[j] + 1, row[j - 1] + 1, diagonal + (a[i - 1] != b[j - 1])});
      diagonal = std::exchange(row[j], best);
    }
  }
  return row[b.size()];
}

Error bad_value(std::string_view key, std::string_view value, std::string_view wanted) {
  return {Error::Usage, fmt::format("{} = '{}' is not {}", key, value, wanted)};
}

template <class Count>
Status set_count(const ConfigKey& key, Count& out, std::string_view text) {
  uint64_t n = 0;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), n);
  if (ec != std::errc{} || end != text.data() + text.size()) return bad_value(key.name, text, "a whole number");
  if (n < key.min || n > key.max) return bad_value(key.name, text, fmt::format("between {} and {}", key.min, key.max));
  out = static_cast<Count>(n);
  return Ok{};
}

Status set_duration(const ConfigKey& key, DurationNs& out, std::string_view text) {
  double number = 0;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), number);
  std::string_view unit(end, static_cast<size_t>(text.data() + text.size() - end));
  while (unit.starts_with(' ')) unit.remove_prefix(1);
  const auto* u = std::find_if(std::begin(kDurationUnits), std::end(kDurationUnits), [&](auto& d) { return d.first == unit; });
  if (ec != std::errc{} || u == std::end(kDurationUnits)) return bad_value(key.name, text, "a duration such as 500ms, 30s, 5min or 1h");
  const double ns = number * u->second;
  if (!(ns >= static_cast<double>(key.min) * 1e9 && ns <= static_cast<double>(key.max) * 1e9))
    return bad_value(key.name, text, fmt::format("between {} s and {} s", key.min, key.max));
  out = static_cast<DurationNs>(ns);
  return Ok{};
}

Status set_switch(const ConfigKey& key, bool& out, std::string_view text) {
  if (text != "true" && text != "false") return bad_value(key.name, text, "true or false");
  out = text == "true";
  return Ok{};
}

Status set_choice(Config& config, const ConfigKey& key, const Choice& choice, std::string_view text) {
  const auto it = std::ranges::find(choice.names, text);
  if (it == choice.names.end()) return bad_value(key.name, text, fmt::format("known; choose {}", fmt::join(choice.names, ", ")));
  choice.set(config, static_cast<size_t>(it - choice.names.begin()));
  return Ok{};
}

Status set_protocols(const ConfigKey& key, ProtocolsOff& out, std::string_view text) {
  const auto mask = parse_protocols(text);
  if (!mask) return Error{Error::Usage, fmt::format("{} = '{}': {}", key.name, text, mask.error().message)};
  out.mask = mask.value();
  return Ok{};
}

Status set_from_toml(Config& config, const std::string& prefix, const toml::table& table) {
  for (const auto& [key, node] : table) {
    const std::string name = prefix.empty() ? std::string(key.str()) : prefix + "." + std::string(key.str());
    std::string text;
    if (const auto* sub = node.as_table()) {
      if (auto s = set_from_toml(config, name, *sub); !s.ok()) return s;
      continue;
    }
    if (const auto i = node.value<int64_t>(); node.is_integer())
      text = std::to_string(*i);
    else if (const auto d = node.value<double>(); node.is_floating_point())
      text = fmt::format("{}", *d);
    else if (const auto b = node.value<bool>(); node.is_boolean())
      text = *b ? "true" : "false";
    else if (const auto s = node.value<std::string>(); node.is_string())
      text = *s;
    else
      return Error{Error::Usage, fmt::format("{}: arrays and dates are not known here; give a number, a string, true or false", name)};
    if (auto s = set_config(config, name, text); !s.ok())
      return Error{Error::Usage, fmt::format("line {}: {}", node.source().begin.line, s.error().message)};
  }
  return Ok{};
}

constexpr std::string_view kFanoutNames[] = {"hash", "bpf", "cpu", "qm"};
constexpr std::span kDpdkIdleNames = std::span(kIdleModeNames).first<2>();  // capture.busy_poll is the third
constexpr std::string_view kFormatNames[] = {"tsv", "json", "both"};
constexpr std::string_view kHostNames[] = {"local", "remote", "all", "none"};
constexpr std::string_view kOptionalNames[] = {"live", "always", "never"};
constexpr std::string_view kTlsNames[] = {"TLSv10", "TLSv11", "TLSv12", "TLSv13"};
constexpr std::string_view kTimestampNames[] = {"software", "hardware"};

/// Choices within a part of the configuration.
template <auto Part, auto Member>
constexpr auto choose_in =
    [](Config& c, size_t i) { (c.*Part).*Member = static_cast<std::remove_cvref_t<decltype((c.*Part).*Member)>>(i); };
template <auto Part, auto Member>
constexpr auto chosen_in = [](const Config& c) { return static_cast<size_t>((c.*Part).*Member); };
template <auto Member>
constexpr auto choose = [](Config& c, size_t i) { c.*Member = static_cast<std::remove_cvref_t<decltype(c.*Member)>>(i); };
template <auto Member>
constexpr auto chosen = [](const Config& c) { return static_cast<size_t>(c.*Member); };

#define AT(member) +[](Config& c) -> ConfigValue { return &c.member; }
#define CHOICE(member, names) +[](Config&) -> ConfigValue { return Choice{names, choose<&Config::member>, chosen<&Config::member>}; }
#define CHOICE_IN(part, Options, member, names)                                                                   \
  +[](Config&) -> ConfigValue {                                                                                   \
    return Choice{names, choose_in<&Config::part, &Options::member>, chosen_in<&Config::part, &Options::member>}; \
  }
constexpr ConfigKey kKeys[] = {
    {"input.interface", AT(interfaces), 0, 0, "interfaces to capture from, separated by commas"},
    {"input.filter", AT(filter), 0, 0,
     "BPF filter in tcpdump's syntax; packets that do not match are counted and dropped (live: in the kernel)", true},
    {"input.duration", AT(duration_ns), 0, 365 * kDaySeconds, "stop after this much packet time (live: time); 0: never", true},
    {"input.ignore_checksums", AT(ignore_checksums), 0, 0,
     "accept packets whose checksums are wrong (captured before the card filled them in)"},
    {"capture.fanout", CHOICE(fanout, kFanoutNames), 0, 0,
     "how packets are shared out among workers: hash by connection, bpf by the two addresses, cpu and qm as the card does"},
    {"capture.timestamps", CHOICE(timestamps, kTimestampNames), 0, 0,
     "whose clock stamps packets: the kernel's or the card's; the kernel's where a card has none"},
    {"capture.ring_mib", AT(ring_mib), 2, 1 << 16, "MiB of the ring that each worker has for each interface"},
    {"capture.promiscuous", AT(promiscuous), 0, 0, "see packets that are for other hosts"},
    {"capture.busy_poll", AT(busy_poll), 0, 0, "spin instead of sleeping when there is no packet: a core for each worker"},
    {"dpdk.eal", AT(dpdk_eal), 0, 0, "capture from DPDK ports: arguments of its environment layer (EAL), as on a command line"},
    {"dpdk.ports", AT(dpdk_ports), 0, 0, "names or numbers of the ports to capture from, separated by commas; empty: all"},
    {"dpdk.idle", CHOICE(dpdk_idle, kDpdkIdleNames), 0, 0,
     "what a thread does when there is no packet: sleep for up to a millisecond and look again, or wait for the port's receive interrupt, "
     "where it has one"},
    {"dpdk.queue_packets", AT(dpdk_queue_packets), 64, 32768, "packets that a port's queue holds, as far as the port goes along"},
    {"dpdk.ring_packets", AT(dpdk_ring_packets), 64, 1 << 24,
     "packets that wait for a worker where a port cannot share them out itself; a power of two"},
    {"dpdk.mtu", AT(dpdk_mtu), 0, 65535,
     "largest packet without its link layer; 0: 9000 where the port can spread it over several buffers, else 1500"},
    {"worker.count", AT(workers), 0, 64,
     "worker threads; 0 chooses from the cores (DPDK: one for each that -l or --lcores names) and the size of the input"},
    {"run.user", AT(run_user), 0, 0, "live: become this user once the interfaces are open; empty: stay who started it"},
    {"run.group", AT(run_group), 0, 0, "live: and this group; empty: the user's own"},
    {"run.seccomp", AT(seccomp), 0, 0, "live: let the kernel refuse every system call that the sensor does not use"},
    {"api.address", AT(api_address), 0, 0, "live: where the HTTP endpoint listens"},
    {"api.port", AT(api_port), 0, 65535, "live: its port; 0: no HTTP endpoint"},
    {"api.socket", AT(api_socket), 0, 0, "live: Unix socket that 'sensor status' asks; empty: sensor.sock in the log directory"},
    {"api.certificate", AT(api_certificate), 0, 0, "serve: PEM file with the certificate (and its chain) for TLS; with api.key"},
    {"api.key", AT(api_key), 0, 0, "serve: PEM file with the certificate's key"},
    {"api.plain_http", AT(api_plain_http), 0, 0,
     "serve: listen without TLS elsewhere than on this host; whoever reads the network can log in"},
    {"api.open_reading", AT(api_open_reading), 0, 0, "serve: reading takes no login; controls always do"},
    {"api.token_file", AT(api_token_file), 0, 0,
     "serve: holds the token to log in with, made when missing; empty: api.token in the log directory"},
    {"api.session", AT(api_session_ns), 1, 30 * kDaySeconds, "serve: how long a login lasts"},
    {"api.host_names", AT(api_host_names), 0, 0,
     "serve: names that browsers may call the sensor by, separated by commas, beside localhost and addresses"},
    {"api.database", AT(api_database), 0, 0,
     "serve: SQLite file with the history and acknowledgements; empty: history.sqlite in the log directory"},
    {"api.pcap_dir", AT(api_pcap_dir), 0, 0, "serve: the folder whose capture files can be replayed, and that uploads go to; empty: none"},
    {"api.upload_mib", AT(api_upload_mib), 0, 1 << 20, "serve: MiB of an upload at most; 0: none are taken"},
    {"log.dir", AT(log_dir), 0, 0, "directory for the logs; created when missing"},
    {"log.format", CHOICE(log_format, kFormatNames), 0, 0, "Zeek's tab-separated values, JSON lines, or both", true},
    {"log.rotate_interval", AT(rotation.interval_ns), 0, 31 * kDaySeconds,
     "archive logs at multiples of this since midnight, by packet time (live: by the clock); 0: not by time", true},
    {"log.rotate_mib", AT(rotate_mib), 0, 1 << 24, "archive a log that has grown to this many MiB; 0: not by size", true},
    {"log.archive_dir", AT(rotation.archive), 0, 0, "holds a directory for every day of archived logs; empty: the log directory", true},
    {"log.compress", AT(rotation.compress), 0, 0, "compress archived logs with gzip", true},
    {"log.keep", AT(rotation.keep_ns), 0, 3650 * kDaySeconds, "delete archived logs that are older; 0: never", true},
    {"log.keep_mib", AT(keep_mib), 0, 1ULL << 40, "delete the oldest archived logs beyond this many MiB in all; 0: never", true},
    {"notice.optional", CHOICE_IN(notices, NoticeOptions, optional, kOptionalNames), 0, 0,
     "when notices are written that Zeek has in optional scripts; docs/LOGS.md says which", true},
    {"notice.ignore", AT(notices.ignore), 0, 0, "notices that are not written, separated by commas", true, &check_notice_names},
    {"notice.suppress", AT(notices.suppress_ns), 0, 365 * kDaySeconds,
     "for how long the same notice is not written again, where its kind says nothing else; 0: not held back", true},
    {"notice.servers", CHOICE_IN(notices, NoticeOptions, servers, kHostNames), 0, 0,
     "whose certificates, TLS versions, ciphers and keys are judged", true},
    {"notice.certificate_ends_in", AT(notices.certificate_ends_in_ns), 0, 3650 * kDaySeconds,
     "certificates that end within this time raise a notice", true},
    {"notice.key_bits", AT(notices.key_bits), 0, 16384, "RSA and DSA keys with fewer bits are weak", true},
    {"notice.minimum_tls", CHOICE_IN(notices, NoticeOptions, minimum_tls, kTlsNames), 0, 0, "versions of TLS before this are old", true},
    {"notice.ssh_guesses", AT(notices.ssh_guesses), 1, 1'000'000,
     "failed SSH logins that make a guesser of a client, within notice.ssh_window", true},
    {"notice.ssh_window", AT(notices.ssh_window_ns), 1, 365 * kDaySeconds, "how long failed SSH logins are counted together", true},
    {"notice.scan_hosts", AT(notices.scan_hosts), 2, 1000,
     "hosts to which connections to one port fail that make a scanner of their originator", true},
    {"notice.scan_ports", AT(notices.scan_ports), 2, 1000,
     "ports of one host to which connections fail that make a scanner of their originator", true},
    {"notice.scan_window", AT(notices.scan_window_ns), 1, 365 * kDaySeconds, "how long failed connections are counted together", true},
    {"notice.capture_loss_percent", AT(notices.capture_loss_percent), 0, 100,
     "capture loss that is too much, in percent of the acknowledgements", true},
    {"notice.minimum_acks", AT(notices.minimum_acks), 0, 1'000'000'000, "TCP acknowledgements in an interval, below which it is too quiet",
     true},
    {"asset.optional", CHOICE_IN(assets, AssetOptions, optional, kOptionalNames), 0, 0,
     "when known_hosts.log, known_services.log, known_certs.log and software.log are written, as Zeek's optional scripts do", true},
    {"asset.hosts", CHOICE_IN(assets, AssetOptions, hosts, kHostNames), 0, 0, "hosts that these logs are about", true},
    {"stats.interval", AT(stats_interval_ns), 1, kDaySeconds,
     "packet time between two records of stats.log, top_ips.log, protocols.log and capture_loss.log", true},
    {"stats.top", AT(top_count), 1, 1000, "addresses in each list of top_ips.log and of the summary", true},
    {"label.enabled", AT(session.labels), 0, 0, "label applications with nDPI"},
    {"detect.bytes", AT(session.detect_bytes), 64, 65536, "bytes of a connection looked at until its protocol is recognised"},
    {"protocol.off", AT(session.protocols_off), 0, 0, "protocols that are not read: no log, no files, no service in conn.log"},
    {"protocol.icmp", AT(session.icmp), 0, 0, "write icmp.log"},
    {"protocol.arp", AT(session.arp), 0, 0, "write arp.log"},
    {"files.md5", AT(session.files.md5), 0, 0, "hash files with MD5: column md5 of files.log"},
    {"files.sha1", AT(session.files.sha1), 0, 0, "hash files with SHA-1: column sha1"},
    {"files.sha256", AT(session.files.sha256), 0, 0, "hash files with SHA-256: column sha256"},
    {"files.extract_dir", AT(extract_dir), 0, 0, "keep the files that connections carry in this directory; empty: keep none"},
    {"files.extract_max_bytes", AT(session.files.extract_max_bytes), 1, 1ULL << 40, "bytes of one file that are kept"},
    {"files.extract_max_files", AT(extract_max_files), 1, 1ULL << 32, "files that are kept in all"},
    {"files.extract_max_mib", AT(extract_max_mib), 1, 1ULL << 30, "MiB that are kept in all"},
    {"files.extract_per_minute", AT(extract_per_minute), 0, 1ULL << 32,
     "files that are begun to be kept in a minute of packet time; 0: any number"},
    {"flow.capacity", AT(session.flow.capacity), 1024, 1U << 28,
     "connections one worker can hold; when it is full, the one nearest to its end makes room"},
    {"flow.key_by_vlan", AT(session.flow.key_by_vlan), 0, 0,
     "equal addresses and ports in two VLANs are two connections, and their fragments two datagrams"},
    {"flow.timeout_tcp_attempt", AT(session.flow.timeout_tcp_attempt_ns), 1, kDaySeconds, "end of a SYN that nobody answers"},
    {"flow.timeout_tcp_idle", AT(session.flow.timeout_tcp_idle_ns), 1, kDaySeconds, "end of a silent TCP connection"},
    {"flow.timeout_udp_idle", AT(session.flow.timeout_udp_idle_ns), 1, kDaySeconds, "end of a silent UDP connection"},
    {"flow.timeout_icmp_idle", AT(session.flow.timeout_icmp_idle_ns), 1, kDaySeconds, "end of a silent ICMP exchange"},
    {"flow.timeout_unknown_ip_idle", AT(session.flow.timeout_unknown_ip_idle_ns), 1, kDaySeconds,
     "end of a silent exchange of another IP protocol"},
    {"flow.reassembly_bytes", AT(session.flow.reassembly_bytes_max), 1 << 16, 1ULL << 40,
     "out-of-order TCP data one worker holds; when it is full, holes are given up"},
};
#undef CHOICE_IN
#undef CHOICE
#undef AT

}  // namespace

std::span<const ConfigKey> config_keys() {
  return kKeys;
}

Status set_config(Config& config, std::string_view name, std::string_view value) {
  const auto* key = std::find_if(std::begin(kKeys), std::end(kKeys), [&](const ConfigKey& k) { return k.name == name; });
  if (key == std::end(kKeys)) {
    const auto* near = std::min_element(std::begin(kKeys), std::end(kKeys), [&](const ConfigKey& a, const ConfigKey& b) {
      return edit_distance(a.name, name) < edit_distance(b.name, name);
    });
    return Error{Error::Usage, fmt::format("there is no configuration key '{}'; the nearest one is '{}'", name, near->name)};
  }
  const ConfigValue v = key->value(config);
  if (auto* const* count = std::get_if<uint64_t*>(&v)) return set_count(*key, **count, value);
  if (auto* const* count = std::get_if<uint32_t*>(&v)) return set_count(*key, **count, value);
  if (auto* const* duration = std::get_if<DurationNs*>(&v)) return set_duration(*key, **duration, value);
  if (auto* const* flag = std::get_if<bool*>(&v)) return set_switch(*key, **flag, value);
  if (const auto* choice = std::get_if<Choice>(&v)) return set_choice(config, *key, *choice, value);
  if (auto* const* off = std::get_if<ProtocolsOff*>(&v)) return set_protocols(*key, **off, value);
  if (key->check != nullptr)
    if (auto s = key->check(value); !s.ok()) return Error{Error::Usage, fmt::format("{}: {}", key->name, s.error().message)};
  *std::get<std::string*>(v) = value;
  return Ok{};
}

std::string config_text(const ConfigKey& key, const Config& config) {
  Config copy = config;
  const ConfigValue v = key.value(copy);
  if (auto* const* count = std::get_if<uint64_t*>(&v)) return std::to_string(**count);
  if (auto* const* count = std::get_if<uint32_t*>(&v)) return std::to_string(**count);
  if (auto* const* duration = std::get_if<DurationNs*>(&v)) return fmt::format("{}ms", **duration / kMillisecond);
  if (auto* const* flag = std::get_if<bool*>(&v)) return **flag ? "true" : "false";
  if (const auto* choice = std::get_if<Choice>(&v)) return std::string(choice->names[choice->get(copy)]);
  if (auto* const* off = std::get_if<ProtocolsOff*>(&v)) return protocol_names((*off)->mask);
  return *std::get<std::string*>(v);
}

ConfigChanges config_changes(const Config& before, const Config& after) {
  ConfigChanges changes;
  for (const ConfigKey& key : config_keys())
    if (config_text(key, before) != config_text(key, after)) (key.reloads ? changes.taken_over : changes.ignored).push_back(key.name);
  return changes;
}

ConfigChanges take_over(Config& config, const Config& wanted) {
  const ConfigChanges changes = config_changes(config, wanted);
  for (const ConfigKey& key : config_keys())
    if (key.reloads) (void)set_config(config, key.name, config_text(key, wanted));
  return changes;
}

std::string describe(const ConfigChanges& changes) {
  std::string text = changes.taken_over.empty() ? "read again: nothing changed that can"
                                                : fmt::format("read again: changed {}", fmt::join(changes.taken_over, ", "));
  if (!changes.ignored.empty()) text += fmt::format("; {} take a restart", fmt::join(changes.ignored, ", "));
  return text;
}

std::string status_socket(const Config& config) {
  return config.api_socket.empty() ? config.log_dir + "/sensor.sock" : config.api_socket;
}

RotationOptions rotation_of(const Config& config) {
  RotationOptions r = config.rotation;
  r.bytes = config.rotate_mib << 20;
  r.keep_bytes = config.keep_mib << 20;
  return r;
}

Status load_config(Config& config, const std::string& path) {
  try {
    const toml::table table = toml::parse_file(path);
    auto status = set_from_toml(config, "", table);
    if (!status.ok()) return Error{Error::Usage, fmt::format("configuration {}: {}", path, status.error().message)};
    return status;
  } catch (const toml::parse_error& e) {
    return Error{Error::Usage, fmt::format("configuration {}, line {}: {}", path, e.source().begin.line, e.description())};
  }
}

}  // namespace sensor
