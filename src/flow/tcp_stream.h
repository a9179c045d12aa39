// The byte stream of one side of a TCP connection: what can be handed on, what is missing, when it has ended.
#pragma once

#include "flow_extra.h"
#include "sensor/base/counters.h"
#include "sensor/flow/flow_config.h"
#include "sensor/flow/flow_engine.h"

namespace sensor {

/// Follows the sequence space of every TCP stream as Zeek's reassembler does, whether anybody reads it or not, because missed_bytes,
/// the history's 'g' and the moment of closing depend on it. A stream without holes costs two numbers. Bytes beyond a hole are kept
/// only while somebody reads; the first copy of a byte wins. A hole is given up when the peer acknowledges what lies in it.
class TcpStreams {
 public:
  TcpStreams(const FlowConfig& config, FlowEvents& events, FlowExtras& extras, CounterBlock<FlowCounter>& counters)
      : config_(config), events_(events), extras_(extras), counters_(counters) {}

  // A reader may find out that originator and responder are the wrong way round and have them swapped in the middle of a call: `d`
  // follows the side that it named.

  /// A segment of `len` payload bytes at relative number `seq`; `bytes` is shorter when the capture cut it.
  void data_sent(Flow& f, Direction& d, uint64_t seq, uint64_t len, Bytes bytes);
  /// The next bytes of a stream in step, whose endpoint counts them already.
  void tell_next(Flow& f, Direction& d, Bytes bytes) {
    if (f.wants(d)) tell_data(f, d, bytes);
  }
  /// The peer has acknowledged everything below relative number `seq` of this side's stream. False: that was known.
  bool ack_received(Flow& f, Direction& d, uint64_t seq);
  /// As ack_received(), of a connection in step: nothing is missing. False: that was known.
  void ack_in_step(bool fresh) { counters_.add(FlowCounter::Acks, fresh); }
  /// The side has ended and something of the connection's data is still outstanding.
  bool data_pending(const Flow& f, Direction d) const;
  /// Bytes of this side: delivered and not acknowledged, or beyond a hole.
  static bool has_undelivered(const Flow& f, Direction d) {
    return !f.endpoint(d).given_up && (f.stream(d).unacked > 0 || f.endpoint(d).held);
  }
  /// Payload bytes of one side by its sequence numbers.
  static uint64_t size(const Flow& f, Direction d);

 private:
  void tell_data(Flow& f, Direction& d, Bytes bytes);
  void tell_gap(Flow& f, Direction& d, uint64_t bytes);
  void insert(Flow& f, Direction& d, uint64_t seq, uint64_t end, Bytes bytes);
  void hold(Flow& f, Direction& d, uint64_t seq, uint64_t end, Bytes bytes);
  void deliver_new(Flow& f, Direction& d, uint64_t end, Bytes bytes);
  void deliver_held(Flow& f, Direction& d);
  void after_delivery(Flow& f, Direction& d);
  void trim(Flow& f, Direction& d, uint64_t seq);
  void give_up_below(Flow& f, Direction& d, uint64_t seq);
  void gap(Flow& f, Direction& d, uint64_t bytes);
  void check_limits(Flow& f, Direction& d);
  void give_up_stream(Flow& f, Direction& d, std::string_view weird);

  const FlowConfig& config_;
  FlowEvents& events_;
  FlowExtras& extras_;
  CounterBlock<FlowCounter>& counters_;
};

}  // namespace sensor
