// One interface as one worker's queue sees it: its socket, while there is one, and whether it works.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>

#include "packet_socket.h"

namespace sensor {

/// What the queues of one interface share. Whenever their sockets are opened, they join in the order of the workers: the kernel gives
/// a connection to the socket with the same number in every group.
struct PortGroup {
  std::string interface;
  size_t members = 1;
  std::atomic<uint64_t> joined{0};  // of all times that the sockets were opened
  std::atomic<uint16_t> fanout_id{0};
};

/// Belongs to the thread that polls.
class AfPacketPort {
 public:
  /// `options` and `counters` outlive the port. `member`: number of the worker.
  AfPacketPort(std::shared_ptr<PortGroup> group, size_t member, const AfPacketOptions& options, CounterBlock<CaptureCounter>& counters)
      : group_(std::move(group)), member_(member), options_(&options), counters_(&counters) {}

  /// Before the first poll, in the order of the workers: opens the socket unless the interface is down. Error as AfPacketSource::open().
  Status start();
  /// Takes packets in from now on, if the sockets of all workers are open: they wait in the ring for the first poll.
  void begin_when_all_joined();
  /// Looks what has become of the interface. True when it needs to be looked at again soon.
  bool tend();
  /// The options' filter has changed.
  void filter_again() { taking_in_ = taking_in_ && closed_; }
  LinkType link() const { return link_type_of(interface_state(group_->interface)); }
  /// Takes in nothing more.
  void close_intake();
  /// Asks the kernel what it received and dropped.
  void count();

  /// Nothing of nothing while no packets are taken in.
  QueueDepth depth() const { return socket_ && taking_in_ ? socket_->ring().depth() : QueueDepth{}; }

  bool open() const { return socket_.has_value(); }
  /// While open().
  TpacketRing& ring() { return socket_->ring(); }
  int fd() const { return socket_->fd(); }

 private:
  enum class State : uint8_t { Waiting, Up, Down, Gone };

  Status try_open(const InterfaceState& state);
  void try_again(const InterfaceState& state);
  bool all_joined() const {
    return group_->members == 1 || group_->joined.load(std::memory_order_acquire) >= (turn_ + 1) * group_->members;
  }
  void change(State to);
  void say(std::string sentence);

  std::shared_ptr<PortGroup> group_;
  size_t member_;
  const AfPacketOptions* options_;
  CounterBlock<CaptureCounter>* counters_;
  std::optional<PacketSocket> socket_;
  State state_ = State::Waiting;
  uint64_t turn_ = 0;       // how often the socket was opened before
  bool taking_in_ = false;  // the socket takes packets in
  bool closed_ = false;
  std::string last_said_;
};

}  // namespace sensor
