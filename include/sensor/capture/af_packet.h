// Packets from the kernel: AF_PACKET sockets with TPACKET_V3 rings (packet(7), Documentation/networking/packet_mmap.rst).
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "sensor/capture/live_source.h"

namespace sensor {

enum class TimestampSource : uint8_t {
  Software,  // the kernel's clock when it receives the packet
  Hardware,  // the card's, where every interface has one that stamps every packet; else as Software, which is reported
};

struct AfPacketOptions {
  std::vector<std::string> interfaces;
  /// BPF expression (pcap-filter(7)); empty: every packet. Applied in the kernel, except where it speaks of VLANs: the kernel takes tags
  /// out of packets before it filters.
  std::string filter;
  /// Queues, one a worker.
  size_t workers = 1;
  Fanout fanout = Fanout::Hash;
  TimestampSource timestamps = TimestampSource::Software;
  /// Of each worker's ring for each interface.
  uint64_t ring_bytes = 64 << 20;
  bool promiscuous = true;
  /// Spin instead of sleeping when there is no packet.
  bool busy_poll = false;
  /// Told what becomes of the interfaces, one sentence at a time, in a worker's thread.
  std::function<void(const std::string&)> report;
};

/// One worker's queue: a ring for each interface. Packets are read where the kernel put them.
///
/// Packets of several interfaces come in the order of their timestamps (the two ports of a tap): for that, a packet waits until the other
/// interfaces' rings have none that is older, a few hundredths of a second at most.
///
/// An interface that goes down or away is reported; reading goes on with the others, and with this one when it is back. When it comes back
/// as a new one of the same name, new sockets are opened, which takes CAP_NET_RAW. The source never ends and never fails.
///
/// Several queues of an interface join its fanout group in the order of the workers, and take packets from the moment all have joined: no
/// connection is split when capture begins, and a connection seen on two interfaces goes to one worker.
class AfPacketSource final : public LiveSource {
 public:
  static constexpr size_t kBurst = 64;

  /// A queue for every worker. Error{Usage}: no such interface, a bad filter, options the kernel or the card does not support.
  /// Error{RunTime}: the right is missing, or memory for the rings. Every message says what to do.
  static Result<std::vector<std::unique_ptr<AfPacketSource>>> open(const AfPacketOptions& options);
  ~AfPacketSource() override;

  PacketBatch poll() override;
  State state() const override { return State::Running; }
  const Error& error() const override { return error_; }
  TimeNs horizon() const override;
  void close_intake() override;
  Status set_filter(const std::string& filter) override;
  const CounterBlock<CaptureCounter>& counters() const override;
  QueueDepth depth() const override;

 private:
  class Impl;
  explicit AfPacketSource(std::unique_ptr<Impl> impl);
  void release(uint64_t token) override;

  std::unique_ptr<Impl> impl_;
  Error error_;
};

}  // namespace sensor
