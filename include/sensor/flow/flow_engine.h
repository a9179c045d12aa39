// The part of FlowTracker that does not depend on the handler's type.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "sensor/base/counters.h"
#include "sensor/flow/conn_summary.h"
#include "sensor/flow/flow.h"
#include "sensor/flow/flow_config.h"
#include "sensor/flow/flow_table.h"

namespace sensor {

/// Why a flow left the table.
enum class RemoveReason : uint8_t { Idle, Attempt, Closed, Reused, Evicted, EndOfInput };

enum class FlowCounter : uint8_t {
  Created,
  RemovedIdle,
  RemovedAttempt,
  RemovedClosed,
  RemovedReused,
  RemovedEvicted,
  RemovedEndOfInput,
  ChecksumErrors,
  HeaderErrors,
  Gaps,
  GapBytes,
  HeldSegments,
  LostHeldSegments,
  LostHeldMemory,
  LostHeldBytes,
  StreamsGivenUp,
  Acks,
  AcksAboveGaps,
  kCount
};
/// Names and meanings, in the order of the enum.
std::span<const CounterInfo> flow_counter_infos();

/// What happens to a flow between its packets. Called for new and ended flows, oddities, and streams that somebody reads:
/// a packet that nobody reads makes no call.
class FlowEvents {
 public:
  virtual void flow_new(Flow&, const DecodedPacket&) = 0;
  virtual void flow_data(Flow&, Direction, Bytes) = 0;
  virtual void flow_gap(Flow&, Direction, uint64_t bytes) = 0;
  virtual void flow_eof(Flow&, Direction) = 0;
  virtual void flow_reset(Flow&) = 0;
  virtual void flow_established(Flow&) = 0;
  virtual void flow_flip(Flow&) = 0;
  virtual void flow_weird(Flow&, const Weird&) = 0;
  virtual void flow_remove(Flow&, TimeNs due, RemoveReason) = 0;

 protected:
  ~FlowEvents() = default;
};

class FlowEngine {
 public:
  /// Packets that prefetch() takes at once.
  static constexpr size_t kBurst = 64;
  /// A flow is removed by the first packet (or advance()) that is this much later than its deadline, and perhaps earlier.
  static constexpr DurationNs kMaxRemovalDelayNs = 1 << 26;

  /// The flow of a packet. nullptr: the packet belongs to no flow, or is not counted (bad checksum, broken header).
  struct Seen {
    Flow* flow = nullptr;
    Direction direction = Direction::Orig;
    bool datagram = false;  // UDP or ICMP: the payload is for the direction's reader
  };

  FlowEngine(const FlowConfig& config, FlowEvents& events);
  ~FlowEngine();
  FlowEngine(const FlowEngine&) = delete;
  FlowEngine& operator=(const FlowEngine&) = delete;

  void begin_burst(std::span<const TimeNs> clocks);
  void prefetch(std::span<const DecodedPacket> burst);
  /// `i` is the packet's position in the burst given to prefetch() last.
  Seen handle(const DecodedPacket& packet, size_t i);
  /// A packet that was in no burst.
  Seen handle(const DecodedPacket& packet);
  /// After the reader of this datagram had the roles swapped: counts it for `d`, where it was found, as Zeek does.
  void recount(Flow& flow, Direction d, const DecodedPacket& packet);
  void advance(TimeNs now, size_t limit);
  void finish(TimeNs end);

  TimeNs watermark() const;
  TimeNs now() const;
  ConnSummary summary(const Flow& flow) const;
  void set_wanted(Flow& flow, Direction d, bool wanted);
  void set_idle_timeout(Flow& flow, DurationNs timeout);
  void end_when_idle(Flow& flow, DurationNs period, DurationNs min_idle);
  void flip_roles(Flow& flow);
  void mention(Flow& flow, char letter);
  const FlowTable& table() const;
  const CounterBlock<FlowCounter>& counters() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace sensor
