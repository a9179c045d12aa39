// What ethtool knows and sets, by the kernel's ioctl interface (linux/ethtool.h).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "file_descriptor.h"
#include "sensor/base/result.h"

namespace sensor {

struct RingSize {
  uint32_t now = 0, most = 0;  // descriptors of a receive queue
};
/// How the card spreads packets over its queues.
struct RssHash {
  std::vector<uint8_t> key;
  bool toeplitz = true;          // the function that the key is for; others (XOR, CRC32) do not depend on it
  bool symmetric_input = false;  // the card makes source and destination alike before it hashes (symmetric-xor)
};
struct DriverInfo {
  std::string name, bus;
};

/// What stamps packets that come in, in the kernel's words (linux/net_tstamp.h). Zero: nobody says.
struct ReceiveClock {
  uint32_t stamping = 0;  // SOF_TIMESTAMPING_*
  uint32_t filters = 0;   // bits numbered by HWTSTAMP_FILTER_*: which packets the card can stamp
};
/// Whether the card has a clock and can stamp every packet: many stamp those of PTP alone.
bool stamps_every_packet(const ReceiveClock& clock);

/// One interface. Any thread; asking takes no rights, setting takes CAP_NET_ADMIN.
class Ethtool {
 public:
  explicit Ethtool(std::string interface);

  /// Empty strings: the interface has no driver that says so.
  DriverInfo driver();
  /// Offloads that are on and can be switched off, by the kernel's names ("rx-gro").
  std::vector<std::string> active_features();
  std::optional<RingSize> receive_ring();
  ReceiveClock receive_clock();
  std::optional<RssHash> rss_hash();
  /// False when packets of some kind are hashed by one end of the connection only.
  bool rss_fields_pair();

  Status switch_off(const std::vector<std::string>& features);
  Status set_receive_ring(uint32_t descriptors);

 private:
  bool call(void* command);
  std::vector<std::string> feature_names();

  std::string interface_;
  FileDescriptor socket_;
};

}  // namespace sensor
