// What a TCP segment does to its connection.
#pragma once

#include "tcp_stream.h"

namespace sensor {

/// Zeek's view of TCP: states of both ends, history, closing, and its weirds. Facts learned from Zeek's behaviour, down to its quirks,
/// because conn.log is compared cell by cell.
class TcpMachine {
 public:
  TcpMachine(const FlowConfig& config, FlowEvents& events, FlowExtras& extras, CounterBlock<FlowCounter>& counters)
      : config_(config), events_(events), extras_(extras), streams_(config, events, extras, counters) {}

  /// Handles a segment with a valid header and checksum; returns who sent it, by the roles as they are afterwards.
  Direction handle(Flow& f, Direction sender, const DecodedPacket& p);
  /// Raises the weirds of a second connection on the same ends, and tells whether this packet begins one.
  bool is_reuse(Flow& f, const DecodedPacket& p);

 private:
  struct Segment;

  bool handle_in_order(Flow& f, Direction& sender, const DecodedPacket& p);
  static bool is_in_step(const Flow& f, Direction d);
  static void settle(Flow& f);
  void set_partial(Flow& f, const Segment& s);
  void init_endpoint(Flow& f, const Segment& s);
  void update_history(Flow& f, Segment& s);
  void flip_syn_ack_opener(Flow& f, Segment& s);
  void mention(Flow& f, Segment& s, uint16_t bit, char letter, uint32_t TcpStream::*last, uint64_t seq);
  void update_window(Flow& f, const Segment& s);
  void init_window(Flow& f, const Segment& s);
  void syn_weirds(Flow& f, const Segment& s);
  void count_fin_and_rst(Flow& f, const Segment& s);
  uint64_t update_ack(Flow& f, const Segment& s);
  void init_peer(Flow& f, const Segment& s);
  void update_last_seq(Flow& f, Segment& s);

  void update_state(Flow& f, Segment& s);
  void in_inactive(Flow& f, Segment& s);
  void syn_in_inactive(Flow& f, Segment& s);
  void rst_in_inactive(Flow& f, Segment& s);
  void in_syn_sent(Flow& f, Segment& s);
  void in_established(Flow& f, Segment& s);
  void in_closed(Flow& f, Segment& s);
  void in_reset(Flow& f, const Segment& s);
  void set_state(Flow& f, Direction d, TcpState state);
  void established(Flow& f);

  void check_eof(Flow& f, Direction d);
  void closed(Flow& f, Direction d, bool finished);

  /// Weirds that Zeek raises from its TCP analyzer, and from the connection itself.
  void tcp_weird(Flow& f, std::string_view name, std::string_view addl = {});
  void conn_weird(Flow& f, std::string_view name);

  const FlowConfig& config_;
  FlowEvents& events_;
  FlowExtras& extras_;
  TcpStreams streams_;
};

}  // namespace sensor
