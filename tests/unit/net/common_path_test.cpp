// The short way of decoding says what the long one says.
#include "decode_fixture.h"
#include "same_packet.h"

namespace sensor {
namespace {

using namespace test;

class CommonPath : public DecodeTest {
 protected:
  void expect_same(PacketView view, bool ignore_checksums) {
    Decoder decoder({.ignore_checksums = ignore_checksums}, &counters_);
    const DecodeStatus status = decoder.decode(view, p_);
    ASSERT_EQ(status, decode_step_by_step(view, ignore_checksums, other_counters_, other_));
    if (status == DecodeStatus::Packet) {
      EXPECT_TRUE(same_packet(p_, other_));
    }
    for (size_t i = 0; i < DecodeCounters::kSize; i++)
      ASSERT_EQ(counters_.get(static_cast<DecodeCounter>(i)), other_counters_.get(static_cast<DecodeCounter>(i)));
  }

  DecodeCounters other_counters_;
  DecodedPacket other_;
};

TEST_F(CommonPath, EveryChangedByte) {
  const Octets frames[] = {tcp_frame({.flags = tcpflag::kSyn, .options = {3, 3, 7, 0}}), tcp_frame({}, {}) + octets(26),
                           ethernet(0x0800, ipv4(17, udp(1, 2, chars("abc")))), ethernet(0x0800, ipv4(17, udp(5000, 4789, octets(40, 8)))),
                           ethernet(0x0800, ipv4(6, {})) + octets(26)};
  for (const Octets& frame : frames) {
    for (size_t at = 0; at < frame.size(); at++) {
      for (const int value : {0, 1, 4, 5, 6, 17, 20, 0x3f, 0x40, 0x45, 0x46, 0x60, 0x80, 0xff}) {
        Octets changed = frame;
        changed[at] = static_cast<uint8_t>(value);
        for (const bool ignore_checksums : {false, true}) expect_same(packet(changed), ignore_checksums);
      }
    }
  }
}

TEST_F(CommonPath, EveryCaptureAndWireLength) {
  for (const Octets& frame : {tcp_frame(), ethernet(0x0800, ipv4(17, udp(1, 2, chars("abc"))))})
    for (size_t n = 0; n <= frame.size(); n++)
      for (const size_t wire : {n, frame.size(), frame.size() + 10, n / 2}) {
        PacketView view = packet(frame);
        view.data = view.data.first(n);
        view.wire_len = static_cast<uint32_t>(wire);
        for (const bool ignore_checksums : {false, true}) expect_same(view, ignore_checksums);
      }
}

TEST_F(CommonPath, LeavesNothingOfThePacketBefore) {
  DecodeCounters unrelated;
  Decoder before({}, &unrelated);
  const Octets tunnelled = ethernet(0x8100, vlan_tag(7, 0x8100, vlan_tag(9, 0x0800, ipv4(4, ipv4(17, udp(1, 2, chars("abc")))))));
  const Octets cut = ethernet(0x0800, octets(30));
  for (const Octets& frame : {tunnelled, cut}) {
    before.decode(packet(frame), p_);
    expect_same(packet(tcp_frame()), true);
  }
}

}  // namespace
}  // namespace sensor
