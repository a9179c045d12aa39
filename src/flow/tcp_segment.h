// A TCP segment on its way through TcpMachine.
#pragma once

#include "tcp_machine.h"

namespace sensor {

struct TcpMachine::Segment {
  const DecodedPacket& p;
  Direction d;         // the sender, by the roles as they are now
  const bool by_orig;  // the sender was the originator when the packet came; some of Zeek's rules do not notice a flip
  const uint32_t seq, ack;
  const uint32_t len;  // payload bytes by the headers
  const bool syn, fin, rst, has_ack;
  const uint32_t space;  // sequence numbers it takes
  uint64_t rel_seq = 0;
  bool underflow = false;
  int32_t delta_last = 0;  // how far it goes beyond what was seen; negative or zero: nothing new
  bool do_close = false, finished = false;

  Segment(const DecodedPacket& packet, Direction sender)
      : p(packet),
        d(sender),
        by_orig(sender == Direction::Orig),
        seq(packet.tcp.seq),
        ack(packet.tcp.ack),
        len(packet.payload_len),
        syn((packet.tcp.flags & tcpflag::kSyn) != 0),
        fin((packet.tcp.flags & tcpflag::kFin) != 0),
        rst((packet.tcp.flags & tcpflag::kRst) != 0),
        has_ack((packet.tcp.flags & tcpflag::kAck) != 0),
        space((rst ? 0 : len) + (syn ? 1U : 0U) + (fin ? 1U : 0U)) {}

  uint32_t end() const { return seq + space; }
  Direction peer() const { return opposite(d); }
  Direction entered_as() const { return by_orig ? Direction::Orig : Direction::Resp; }
};

}  // namespace sensor
