// Who has which address, by what arp.log is told.
#pragma once

#include <deque>
#include <string>
#include <unordered_map>

#include "reduction.h"

namespace sensor {

/// Writes every message, and notes in the row when its sender is the first to claim an IP address in its VLAN, or takes it over from
/// another hardware address. Remembers kCapacity addresses; of more, the ones that were claimed first are forgotten.
class ArpReduction final : public Reduction {
 public:
  static constexpr size_t kCapacity = 65'536;

  explicit ArpReduction(const LogInfo& log);
  bool keep(TimeNs due_ns, std::span<Cell> cells) override;

 private:
  size_t vlan_, sender_mac_, sender_, claims_, claim_, previous_mac_;
  std::unordered_map<uint64_t, std::string> owners_;  // hardware address by VLAN and IPv4 address
  std::deque<uint64_t> order_;                        // keys of owners_, oldest claim first
  std::string previous_;                              // of the row at hand
};

}  // namespace sensor
