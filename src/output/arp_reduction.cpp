#include "arp_reduction.h"

#include <utility>

namespace sensor {

ArpReduction::ArpReduction(const LogInfo& log)
    : vlan_(column_index(log.columns, "vlan")),
      sender_mac_(column_index(log.columns, "sender_mac")),
      sender_(column_index(log.columns, "sender")),
      claims_(column_index(log.columns, "claims")),
      claim_(column_index(log.columns, "claim")),
      previous_mac_(column_index(log.columns, "previous_mac")) {}

bool ArpReduction::keep(TimeNs, std::span<Cell> cells) {
  if (cells[claims_].number == 0) return true;
  const uint64_t vlan = cells[vlan_].present ? cells[vlan_].number : 0;
  const uint64_t key = vlan << 32 | cells[sender_].address().v4_value();
  const auto [owner, is_new] = owners_.try_emplace(key, cells[sender_mac_].chars());
  if (is_new) {
    order_.push_back(key);
    if (order_.size() > kCapacity) {
      owners_.erase(order_.front());
      order_.pop_front();
    }
    cells[claim_] = {true, 0, as_bytes("new")};
  } else if (owner->second != cells[sender_mac_].chars()) {
    previous_ = std::exchange(owner->second, cells[sender_mac_].chars());
    cells[claim_] = {true, 0, as_bytes("changed")};
    cells[previous_mac_] = {true, 0, as_bytes(previous_)};
  }
  return true;
}

}  // namespace sensor
