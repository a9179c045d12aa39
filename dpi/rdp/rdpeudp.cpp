#include "dpi/rdp/rdpeudp.h"

namespace sensor::rdpeudp {
namespace {

constexpr uint32_t kNothingReceived = 0xffffffff;

}  // namespace

bool parse_handshake(Bytes datagram, Handshake& out) {
  constexpr uint16_t kCorrelationId = 0x0800, kSynEx = 0x1000, kVersion3 = 0x0101;
  ByteReader r(datagram);
  out.source_ack = r.u32();
  r.skip(2);  // receive window
  out.flags = r.u16();
  r.skip(4 + 2 + 2);  // first sequence number, sizes of datagrams in both directions
  if ((out.flags & kCorrelationId) != 0) r.skip(32);
  if ((out.flags & kSynEx) != 0) {
    r.skip(2);
    if (r.u16() == kVersion3) r.skip(32);  // hash of a cookie
  }
  return r.ok();
}

bool is_syn(Bytes datagram) {
  constexpr size_t kShortest = 1132, kLongest = 1232;
  ByteReader r(datagram);
  const uint32_t ack = r.u32();
  r.skip(3);
  return datagram.size() >= kShortest && datagram.size() <= kLongest && ack == kNothingReceived && r.u8() == kSyn;
}

}  // namespace sensor::rdpeudp
