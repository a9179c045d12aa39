// A TPACKET_V3 ring: blocks of packets that the kernel fills and we give back.
#pragma once

#include <linux/if_packet.h>

#include <cstdint>
#include <optional>
#include <span>

#include "sensor/base/queue_depth.h"
#include "sensor/base/result.h"
#include "sensor/net/packet.h"

namespace sensor {

/// Belongs to the thread that polls. The socket outlives the ring.
class TpacketRing {
 public:
  /// The kernel hands over a block that is not full when its oldest packet is this old, twice this at most.
  static constexpr unsigned kBlockTimeoutMs = 8;
  /// Room for the largest packet there is, reassembled or not yet segmented.
  static constexpr uint32_t kBlockBytes = 1 << 20;
  /// Left free before every packet, for a VLAN tag to be put back.
  static constexpr unsigned kVlanTagBytes = 4;

  /// Sets the ring up on a packet socket that is not bound yet. Error{RunTime} says what the kernel said.
  static Result<TpacketRing> create(int socket, uint64_t bytes, LinkType link);
  TpacketRing(TpacketRing&& o) noexcept;
  TpacketRing& operator=(TpacketRing&&) = delete;
  ~TpacketRing();

  /// Capture time of the next packet; nothing when the kernel has handed over none.
  std::optional<TimeNs> next_ts();
  /// Packets not later than `until`, in the order in which they came. They stay until release().
  size_t take(std::span<PacketView> out, TimeNs until);
  /// Gives the block back if all its packets have been taken.
  void release();

  /// Blocks that the kernel has handed over and that were not given back, and how many there are in all.
  QueueDepth depth() const;

 private:
  TpacketRing(uint8_t* memory, uint32_t blocks, LinkType link) : memory_(memory), blocks_(blocks), link_(link) {}

  tpacket_block_desc& block(uint32_t ahead = 0) const;
  bool is_ours(uint32_t ahead) const;
  bool enter_block();
  PacketView view(tpacket3_hdr& header) const;

  uint8_t* memory_;
  uint32_t blocks_;
  LinkType link_;
  uint32_t current_ = 0;       // block at hand
  uint8_t* next_ = nullptr;    // header of the next packet in it
  uint32_t packets_left_ = 0;  // in it
  bool entered_ = false;       // the block at hand is ours
};

}  // namespace sensor
