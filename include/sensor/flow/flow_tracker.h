// From packets to connections: finds or makes the flow of each packet, keeps it as Zeek would, and tells a handler what happened.
#pragma once

#include <algorithm>
#include <span>
#include <string_view>

#include "sensor/base/counters.h"
#include "sensor/flow/conn_summary.h"
#include "sensor/flow/flow.h"
#include "sensor/flow/flow_config.h"
#include "sensor/flow/flow_engine.h"

namespace sensor {

/// Tracks the connections of one worker. A packet that nobody reads makes no indirect call. Handler has
///
///   void on_new(Flow&, const DecodedPacket&);        first packet, not yet counted; roles are settled, counters and history are not.
///                                                    Here the handler sets want_packets, want_orig, want_resp and session.
///   void on_packet(Flow&, Direction, const DecodedPacket&);       while want_packets, and when the packet came through a tunnel:
///                                                    a counted packet, state already updated
///   void on_datagram(Flow&, Direction, const DecodedPacket&);     UDP and ICMP, while the direction is wanted
///   void on_data(Flow&, Direction, Bytes);           TCP, while the direction is wanted: the next bytes in order
///   void on_gap(Flow&, Direction, uint64_t bytes);   TCP, while the direction is wanted: bytes that will never come
///   void on_eof(Flow&, Direction);                   TCP: FIN or RST, and all that came before was handed on; at most once a direction
///   void on_reset(Flow&);                            TCP, while a direction is wanted: a packet with RST; more may still come. Optional
///   void on_established(Flow&);                      TCP: the handshake is complete
///   void on_flip(Flow&);                             originator and responder changed places; wants and counters are already swapped
///   void on_weird(Flow&, const Weird&);              `addl` lives during the call
///   void on_remove(Flow&, TimeNs due, RemoveReason); last call for this flow; summary() still works
///
/// Handlers may set the wants in on_new, later through set_wanted(), and call the other members below at any time. now() is the time of the
/// packet at hand. The order of calls for one packet: removals that fell due, on_new, on_flip/on_weird/on_established/on_reset,
/// on_gap/on_data/on_eof or on_datagram, on_packet.
template <class Handler>
class FlowTracker final : private FlowEvents {
 public:
  FlowTracker(const FlowConfig& config, Handler& handler) : handler_(handler), engine_(config, *this) {}

  /// The times of the packets that come next, of other workers too, each at least as late as the one before.
  void begin_burst(std::span<const TimeNs> clocks) { engine_.begin_burst(clocks); }
  /// Handles a burst of packets of this worker, in capture order.
  void process(std::span<const DecodedPacket> burst);
  /// Handles a packet that another one carried. May be called from on_datagram and on_packet; so may process() with a single packet.
  void process_nested(const DecodedPacket& packet) { tell(engine_.handle(packet), packet); }
  /// Moves packet time forward without a packet (live, when a source is silent; replay, when other workers are ahead).
  /// Expires at most `limit` flows; what is left is expired by the next call, and is never seen by a packet in between.
  void advance(TimeNs now, size_t limit = SIZE_MAX) { engine_.advance(now, limit); }
  /// The input has ended: removes what fell due by `end`, then everything else at `end`.
  void finish(TimeNs end) { engine_.finish(end); }

  /// All removals due before this time have been made.
  TimeNs watermark() const { return engine_.watermark(); }
  TimeNs now() const { return engine_.now(); }
  ConnSummary summary(const Flow& flow) const { return engine_.summary(flow); }
  /// Asks for a stream or lets go of it; letting go frees what was held for it. May be called from any hook.
  void set_wanted(Flow& flow, Direction d, bool wanted) { engine_.set_wanted(flow, d, wanted); }
  /// Interactive protocols may be silent for longer (Zeek: FTP and SSH one hour).
  void set_idle_timeout(Flow& flow, DurationNs timeout) { engine_.set_idle_timeout(flow, timeout); }
  /// UDP and ICMP: at the first packet of all that comes `period` after the start, and then after the check before, the connection ends if
  /// it was silent for `min_idle` (Zeek's DNS). A period of 0 takes that back.
  void end_when_idle(Flow& flow, DurationNs period, DurationNs min_idle) { engine_.end_when_idle(flow, period, min_idle); }
  /// Originator and responder change places at once; calls on_flip(). May be called from any hook but on_flip and on_remove.
  void flip_roles(Flow& flow) { engine_.flip_roles(flow); }
  /// Adds a letter of "SHADFRCGTWIQX^" (or lower case) to the history, unless it is there already.
  void mention(Flow& flow, char letter) { engine_.mention(flow, letter); }
  uint32_t size() const { return engine_.table().size(); }
  uint32_t capacity() const { return engine_.table().capacity(); }
  const CounterBlock<FlowCounter>& counters() const { return engine_.counters(); }

 private:
  void tell(const FlowEngine::Seen& seen, const DecodedPacket& packet);
  void flow_new(Flow& f, const DecodedPacket& p) override { handler_.on_new(f, p); }
  void flow_data(Flow& f, Direction d, Bytes b) override { handler_.on_data(f, d, b); }
  void flow_gap(Flow& f, Direction d, uint64_t n) override { handler_.on_gap(f, d, n); }
  void flow_eof(Flow& f, Direction d) override { handler_.on_eof(f, d); }
  void flow_reset(Flow& f) override {
    if constexpr (requires { handler_.on_reset(f); }) handler_.on_reset(f);
  }
  void flow_established(Flow& f) override { handler_.on_established(f); }
  void flow_flip(Flow& f) override { handler_.on_flip(f); }
  void flow_weird(Flow& f, const Weird& w) override { handler_.on_weird(f, w); }
  void flow_remove(Flow& f, TimeNs due, RemoveReason r) override { handler_.on_remove(f, due, r); }

  Handler& handler_;
  FlowEngine engine_;
};

template <class Handler>
void FlowTracker<Handler>::process(std::span<const DecodedPacket> burst) {
  while (!burst.empty()) {
    const auto part = burst.first(std::min(burst.size(), FlowEngine::kBurst));
    burst = burst.subspan(part.size());
    if (part.size() == 1) return process_nested(part.front());
    engine_.prefetch(part);
    for (size_t i = 0; i < part.size(); i++) tell(engine_.handle(part[i], i), part[i]);
  }
}

template <class Handler>
void FlowTracker<Handler>::tell(const FlowEngine::Seen& seen, const DecodedPacket& packet) {
  if (seen.flow == nullptr) return;
  Flow& f = *seen.flow;
  const bool datagram = seen.datagram && f.wants(seen.direction);
  const bool tunnelled = packet.tunnel_depth != 0;  // the connection may have changed tunnels
  if (!datagram && !f.want_packets && !tunnelled) return;
  const bool was_busy = f.busy;
  f.busy = true;
  const bool second = (seen.direction == Direction::Orig) == f.orig_is_second;
  if (datagram) handler_.on_datagram(f, seen.direction, packet);
  if (f.role_of(second) != seen.direction) engine_.recount(f, seen.direction, packet);
  if (f.want_packets || tunnelled) handler_.on_packet(f, f.role_of(second), packet);  // the reader may have swapped the roles
  f.busy = was_busy;
}

}  // namespace sensor
