// A queue of packets that never ends by itself: a network card's, or the kernel's.
#pragma once

#include "sensor/base/counters.h"
#include "sensor/base/queue_depth.h"
#include "sensor/base/time.h"
#include "sensor/capture/capture_counters.h"
#include "sensor/capture/packet_source.h"

namespace sensor {

/// How packets are shared out among the workers.
enum class Fanout : uint8_t {
  Hash,  // by the connection: both directions, addresses and ports. AF_PACKET: the kernel puts IPv4 fragments together first. DPDK: where
         // the port can (symmetric RSS), else as Bpf
  Bpf,   // by the address pair alone: fragments and related connections of two hosts meet in one worker. AF_PACKET: in a BPF program.
         // DPDK: in a thread of ours
  Cpu,   // by the CPU that received them: for cards whose own hash is symmetric. DPDK: as Qm
  Qm,    // by the card's queue: likewise
};

/// One worker's queue. What packet sources promise, and: one batch is out at a time; it must end before the next poll(). An empty batch
/// comes after a wait (kMaxWait at most), unless the source was told to poll busily.
class LiveSource : public PacketSource {
 public:
  /// The longest that poll() waits.
  static constexpr DurationNs kMaxWait = 100 * kMillisecond;

  /// No packet that comes later is older than this packet time. After an empty poll(); moves on with the clock.
  virtual TimeNs horizon() const = 0;
  /// From now on no packet is taken in; what was taken in before can still be polled.
  virtual void close_intake() = 0;
  /// Any thread: takes over another filter (pcap-filter(7)) within a second or so. Error{Usage}: a bad one; the old one stays then.
  virtual Status set_filter(const std::string& filter) = 0;
  /// Any thread.
  virtual const CounterBlock<CaptureCounter>& counters() const = 0;
  /// Any thread: what waits in the rings that this queue is read from, as of a look once a second. AF_PACKET: blocks of 1 MiB, of the
  /// interfaces that packets are taken in from. DPDK: packets.
  virtual QueueDepth depth() const { return {}; }
};

}  // namespace sensor
