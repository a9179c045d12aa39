// A packet socket on one interface, with its ring.
#pragma once

#include <memory>
#include <optional>

#include "bpf_filter.h"
#include "file_descriptor.h"
#include "sensor/capture/af_packet.h"
#include "sensor/capture/interfaces.h"
#include "tpacket_ring.h"

namespace sensor {

/// What the kernel says of a socket since it was asked last.
struct SocketStatistics {
  uint64_t received = 0;  // those dropped included
  uint64_t dropped = 0;
  uint64_t freezes = 0;
};

/// Takes nothing in until begin(): so no packet comes before the socket is one of its fanout group. Belongs to the thread that polls.
class PacketSocket {
 public:
  static Result<PacketSocket> open(const std::string& interface, const InterfaceState& state, const AfPacketOptions& options);

  /// Joins the interface's fanout group; `id` 0 makes a new one. Returns its id.
  Result<uint16_t> join(Fanout mode, uint16_t id);
  /// Takes packets in that match the expression. Error{Usage}: it makes no sense for this interface.
  Status begin(const std::string& filter);
  /// Takes in nothing more.
  Status close_intake();
  SocketStatistics statistics();
  /// The interface's state has changed since the last call.
  bool take_error();

  int fd() const { return fd_.get(); }
  int interface_index() const { return index_; }
  TpacketRing& ring() { return *ring_; }
  const TpacketRing& ring() const { return *ring_; }

 private:
  PacketSocket(FileDescriptor fd, const InterfaceState& state, LinkType link)
      : fd_(std::move(fd)), index_(state.index), loopback_(state.loopback), link_(link) {}

  Status set_up(const std::string& interface, const AfPacketOptions& options);
  Status bind_to(const std::string& interface);

  FileDescriptor fd_;
  int index_;
  bool loopback_;
  LinkType link_;
  std::optional<TpacketRing> ring_;
};

/// False where the expression speaks of VLAN tags, which the kernel takes out of packets before it filters them.
bool kernel_can_apply(const std::string& filter);
/// What the packets of an interface begin with; RawIp for those whose link layer is left to the kernel.
LinkType link_type_of(const InterfaceState& state);

}  // namespace sensor
