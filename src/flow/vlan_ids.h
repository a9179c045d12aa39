// Small numbers for VLANs, so that a flow's key has room for one.
#pragma once

#include <array>
#include <cstdint>

#include "sensor/base/hash.h"

namespace sensor {

/// Numbers the pairs of outer and inner VLAN id in the order in which they come: 255 of them, 0 is no VLAN. Further pairs share the
/// numbers that are there. Belongs to a worker's thread.
class VlanIds {
 public:
  uint8_t id(uint16_t vlan, uint16_t inner_vlan) {
    if ((vlan | inner_vlan) == 0) return 0;
    const uint32_t pair = uint32_t{vlan} << 16 | inner_vlan;
    if (pair == last_pair_) return last_id_;
    last_pair_ = pair;
    return last_id_ = look_up(pair);
  }

 private:
  static constexpr size_t kSlots = 512, kIds = 255;

  struct Slot {
    uint32_t pair = 0;
    uint8_t id = 0;  // 0: empty
  };

  uint8_t look_up(uint32_t pair) {
    const uint64_t hash = mix64(pair, 1);
    size_t i = hash % kSlots;
    for (; slots_[i].id != 0; i = (i + 1) % kSlots)
      if (slots_[i].pair == pair) return slots_[i].id;
    if (used_ == kIds) return static_cast<uint8_t>(1 + hash / kSlots % kIds);
    slots_[i] = {pair, static_cast<uint8_t>(++used_)};
    return slots_[i].id;
  }

  std::array<Slot, kSlots> slots_;
  size_t used_ = 0;
  uint32_t last_pair_ = 0;
  uint8_t last_id_ = 0;
};

}  // namespace sensor
