// Which notices are written, and from what on.
#pragma once

#include <cstdint>
#include <string>

#include "sensor/base/time.h"
#include "sensor/net/ip_address.h"

namespace sensor {

/// When what Zeek's optional scripts would write is written: they are part of a Zeek that captures, and not of `zeek -r`.
enum class OptionalLogs : uint8_t { Live, Always, Never };
constexpr bool wanted(OptionalLogs when, bool live) {
  return when == OptionalLogs::Always || (when == OptionalLogs::Live && live);
}

/// Hosts by where they are; see sensor/net/local_networks.h.
enum class HostChoice : uint8_t { Local, Remote, All, None };
bool matches(HostChoice hosts, const IpAddress& address);

/// The oldest version of TLS that raises no notice. In the order of the versions.
enum class MinimumTls : uint8_t { Tls10, Tls11, Tls12, Tls13 };

struct NoticeOptions {
  OptionalLogs optional = OptionalLogs::Live;
  std::string ignore = {};                 // names of notes that are not written, separated by commas
  DurationNs suppress_ns = 60 * kMinute;   // for how long the same is not told again, where the kind of notice says nothing else
  HostChoice servers = HostChoice::Local;  // whose certificates and weak TLS are told of
  DurationNs certificate_ends_in_ns = 30 * 24 * 60 * kMinute;
  uint64_t key_bits = 2048;  // RSA and DSA keys that are shorter are weak
  MinimumTls minimum_tls = MinimumTls::Tls10;
  uint64_t ssh_guesses = 30;
  DurationNs ssh_window_ns = 30 * kMinute;
  uint64_t scan_hosts = 25, scan_ports = 15;
  DurationNs scan_window_ns = 5 * kMinute;
  uint64_t capture_loss_percent = 10;
  uint64_t minimum_acks = 1;  // per interval of capture_loss.log
};

}  // namespace sensor
