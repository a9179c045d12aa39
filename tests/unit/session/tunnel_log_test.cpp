#include "src/session/tunnel_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "decoded_packet.h"
#include "fake_context.h"

namespace sensor {
namespace {

using testing::ElementsAre;
using testing::SizeIs;

Encapsulation over_ip(const char* src, const char* dst, TunnelType type = TunnelType::Ip) {
  return {.src = *IpAddress::parse(src), .dst = *IpAddress::parse(dst), .ip_proto = ipproto::kIpip, .type = type};
}

Encapsulation over_udp(TunnelType type, uint64_t owner = 77) {
  return {.src = *IpAddress::parse("10.0.0.1"),
          .dst = *IpAddress::parse("10.0.0.2"),
          .src_port = 5000,
          .dst_port = 4789,
          .ip_proto = ipproto::kUdp,
          .type = type,
          .owner_lo = 1,
          .owner_hi = owner};
}

class TunnelLogTest : public testing::Test {
 protected:
  DecodedPacket packet(std::initializer_list<Encapsulation> tunnels, TimeNs ts_ns = kSecond) {
    DecodedPacket p;
    p.ts_ns = ts_ns;
    for (const Encapsulation& e : tunnels) p.tunnel_stack[p.tunnel_depth++] = e;
    log_.identify(p);
    return p;
  }
  void clocks(std::initializer_list<TimeNs> seconds) {
    clocks_.clear();
    for (const TimeNs s : seconds) clocks_.push_back(s * kSecond);
    log_.begin_burst(clocks_);
  }
  /// "action type orig:port resp:port" of every row.
  std::vector<std::string> rows() {
    std::vector<std::string> out;
    for (const RowText& r : catcher_.rows("tunnel"))
      out.push_back(r.at("action") + " " + r.at("tunnel_type") + " " + r.at("id.orig_h") + ":" + r.at("id.orig_p") + " " +
                    r.at("id.resp_h") + ":" + r.at("id.resp_p"));
    return out;
  }

  RecordCatcher catcher_;
  std::vector<TimeNs> clocks_;
  TunnelLog log_{catcher_.writer(), 42};
};

TEST_F(TunnelLogTest, OneDiscoveryPerTunnel) {
  log_.on_connection(1, packet({over_ip("192.0.2.1", "192.0.2.2"), over_udp(TunnelType::Vxlan)}));
  log_.on_connection(2, packet({over_ip("192.0.2.2", "192.0.2.1"), over_udp(TunnelType::Vxlan)}));
  EXPECT_THAT(rows(), ElementsAre("Tunnel::DISCOVER Tunnel::IP 192.0.2.1:0 192.0.2.2:0",
                                  "Tunnel::DISCOVER Tunnel::VXLAN 10.0.0.1:5000 10.0.0.2:4789"));
  EXPECT_EQ(log_.parents(1).size(), 1u) << "the innermost only";
  EXPECT_EQ(log_.parents(1)[0], (Uid{77, 1, 'C'}));
}

TEST_F(TunnelLogTest, TunnelsOverIpKeepTheirUidAndDirection) {
  const DecodedPacket there = packet({over_ip("192.0.2.1", "192.0.2.2")});
  const DecodedPacket back = packet({over_ip("192.0.2.2", "192.0.2.1", TunnelType::Gre)}, 3 * kSecond);
  EXPECT_NE(there.tunnel_stack[0].owner_hi, 0u);
  EXPECT_EQ(back.tunnel_stack[0].owner_hi, there.tunnel_stack[0].owner_hi);
  EXPECT_EQ(back.tunnel_stack[0].src, there.tunnel_stack[0].src);
  EXPECT_EQ(back.tunnel_stack[0].type, TunnelType::Ip) << "as in Zeek, the address pair is all that counts";
  const DecodedPacket other = packet({over_ip("192.0.2.1", "192.0.2.3")});
  EXPECT_NE(other.tunnel_stack[0].owner_hi, there.tunnel_stack[0].owner_hi);
}

TEST_F(TunnelLogTest, ChangesAddParents) {
  log_.on_connection(1, packet({over_udp(TunnelType::Vxlan, 1)}));
  EXPECT_FALSE(log_.on_packet(1, packet({over_udp(TunnelType::Vxlan, 1)})));
  EXPECT_FALSE(log_.on_packet(1, packet({over_udp(TunnelType::Vxlan, 2)})));
  EXPECT_FALSE(log_.on_packet(1, packet({})));
  EXPECT_FALSE(log_.on_packet(1, packet({over_udp(TunnelType::Vxlan, 1)})));
  EXPECT_THAT(log_.parents(1), ElementsAre(Uid{1, 1, 'C'}, Uid{2, 1, 'C'}));
  log_.forget(1);
  EXPECT_TRUE(log_.parents(1).empty());
}

TEST_F(TunnelLogTest, ConnectionsThatEnterATunnelLater) {
  EXPECT_FALSE(log_.on_packet(9, packet({over_ip("192.0.2.1", "192.0.2.2")})));
  EXPECT_THAT(rows(), SizeIs(1));
  EXPECT_EQ(log_.parents(9).size(), 1u);
}

TEST_F(TunnelLogTest, TooManyChanges) {
  log_.on_connection(1, packet({over_udp(TunnelType::Vxlan, 1)}));
  for (int i = 0; i < 5; i++) EXPECT_FALSE(log_.on_packet(1, packet({over_udp(TunnelType::Vxlan, 2 + static_cast<uint64_t>(i))})));
  EXPECT_TRUE(log_.on_packet(1, packet({over_udp(TunnelType::Vxlan, 99)})));
  EXPECT_FALSE(log_.on_packet(1, packet({over_udp(TunnelType::Vxlan, 99)}))) << "no change";
  EXPECT_TRUE(log_.on_packet(1, packet({over_udp(TunnelType::Vxlan, 1)})));
  EXPECT_EQ(log_.parents(1).size(), 6u);
}

TEST_F(TunnelLogTest, VxlanEitherWayIsTheSameTunnel) {
  log_.on_connection(1, packet({over_udp(TunnelType::Vxlan)}));
  Encapsulation back = over_udp(TunnelType::Vxlan);
  std::swap(back.src, back.dst);
  back.src_port = 6000;
  log_.on_packet(1, packet({back}));
  EXPECT_THAT(rows(), SizeIs(1));
  back.type = TunnelType::Geneve;
  log_.on_packet(1, packet({back}));
  EXPECT_THAT(rows(), SizeIs(2));
}

TEST_F(TunnelLogTest, ClosesAtTheNextPacketHoweverLateItIsToldAndWhateverTheBursts) {
  log_.on_connection(1, packet({over_udp(TunnelType::Geneve)}));
  ConnHeader h;
  h.orig_h = *IpAddress::parse("10.0.0.1");
  h.resp_h = *IpAddress::parse("10.0.0.2");
  h.orig_p = {5000};
  h.resp_p = {4789};
  const std::array<TimeNs, 3> first{2 * kSecond, 2 * kSecond + 10 * kMillisecond, 2 * kSecond + 20 * kMillisecond};
  const std::array<TimeNs, 1> second{2 * kSecond + 30 * kMillisecond};
  log_.begin_burst(first);
  log_.begin_burst(second);
  log_.on_remove_carrier(h, ipproto::kUdp, 2 * kSecond + 5 * kMillisecond);
  ASSERT_THAT(rows(), SizeIs(2));
  EXPECT_EQ(catcher_.rows("tunnel").back().at("ts"), "2.010000");
}

TEST_F(TunnelLogTest, ClosesWithItsConnection) {
  log_.on_connection(1, packet({over_udp(TunnelType::Geneve)}));
  ConnHeader h;
  h.orig_h = *IpAddress::parse("10.0.0.1");
  h.resp_h = *IpAddress::parse("10.0.0.2");
  h.orig_p = {5000};
  h.resp_p = {4789};
  log_.on_remove(2 * kSecond);
  EXPECT_THAT(rows(), SizeIs(1));
  log_.on_remove_carrier(h, ipproto::kUdp, 2 * kSecond);
  log_.on_remove_carrier(h, ipproto::kUdp, 3 * kSecond);
  EXPECT_THAT(rows(), SizeIs(2));
  EXPECT_EQ(rows().back(), "Tunnel::CLOSE Tunnel::GENEVE 10.0.0.1:5000 10.0.0.2:4789");
  EXPECT_EQ(catcher_.rows("tunnel").back().at("ts"), "2.000000");
  EXPECT_EQ(log_.size(), 0u);
}

TEST_F(TunnelLogTest, ClosesAtThePacketThatComesAfterTheDeadline) {
  clocks({1, 50, 90, 95});
  log_.on_connection(1, packet({over_udp(TunnelType::Geneve)}));
  ConnHeader h;
  h.orig_h = *IpAddress::parse("10.0.0.1");
  h.resp_h = *IpAddress::parse("10.0.0.2");
  h.orig_p = {5000};
  h.resp_p = {4789};
  log_.on_remove_carrier(h, ipproto::kUdp, 61 * kSecond);
  EXPECT_EQ(catcher_.rows("tunnel").back().at("ts"), "90.000000");
}

TEST_F(TunnelLogTest, ExpiresWithoutNewConnections) {
  clocks({1, 1800, 5390, 5401, 5405, 5500});
  log_.on_connection(1, packet({over_ip("192.0.2.1", "192.0.2.2")}));
  log_.on_connection(2, packet({over_ip("192.0.2.1", "192.0.2.2")}, 1800 * kSecond));
  log_.advance(5390 * kSecond);
  EXPECT_THAT(rows(), SizeIs(1));
  log_.advance(5499 * kSecond);
  EXPECT_THAT(rows(), SizeIs(2));
  EXPECT_EQ(rows().back(), "Tunnel::EXPIRE Tunnel::IP 192.0.2.1:0 192.0.2.2:0");
  EXPECT_EQ(catcher_.rows("tunnel").back().at("ts"), "5401.000000") << "the first packet after the hour";
  const Uid before = log_.parents(1)[0];
  log_.on_connection(3, packet({over_ip("192.0.2.1", "192.0.2.2")}, 5500 * kSecond));
  EXPECT_THAT(rows(), SizeIs(3));
  EXPECT_EQ(log_.parents(3)[0], before) << "its uid stays for a day";
  clocks({91'901, 100'000});
  log_.advance(100'000 * kSecond);
  log_.on_connection(4, packet({over_ip("192.0.2.1", "192.0.2.2")}, 100'000 * kSecond));
  EXPECT_NE(log_.parents(4)[0], before);
}

TEST_F(TunnelLogTest, ALongSilenceExpiresBeforeTheNextConnection) {
  clocks({1, 9000});
  log_.on_connection(1, packet({over_ip("192.0.2.1", "192.0.2.2")}));
  log_.on_connection(2, packet({over_ip("192.0.2.1", "192.0.2.2")}, 9000 * kSecond));
  EXPECT_THAT(rows(),
              ElementsAre("Tunnel::DISCOVER Tunnel::IP 192.0.2.1:0 192.0.2.2:0", "Tunnel::EXPIRE Tunnel::IP 192.0.2.1:0 192.0.2.2:0",
                          "Tunnel::DISCOVER Tunnel::IP 192.0.2.1:0 192.0.2.2:0"));
}

TEST_F(TunnelLogTest, ProxiesAreOneTunnelForAllClientsPorts) {
  FakeContext c;
  log_.on_proxy(TunnelType::Http, c.header, kSecond);
  c.header.orig_p = {50001};
  log_.on_proxy(TunnelType::Http, c.header, kSecond);
  EXPECT_THAT(rows(), ElementsAre("Tunnel::DISCOVER Tunnel::HTTP 192.0.2.1:0 198.51.100.2:80"));
  EXPECT_EQ(catcher_.rows("tunnel")[0].at("uid"), "-");
}

TEST_F(TunnelLogTest, FullTablesAreCounted) {
  TunnelLog small(catcher_.writer(), 1, {.max_tunnels = 1});
  DecodedPacket p;
  p.tunnel_stack[p.tunnel_depth++] = over_ip("192.0.2.1", "192.0.2.2");
  small.identify(p);
  small.on_connection(1, p);
  p.tunnel_stack[0] = over_ip("192.0.2.1", "192.0.2.9");
  small.identify(p);
  EXPECT_NE(p.tunnel_stack[0].owner_hi, 0u);
  small.on_connection(2, p);
  EXPECT_EQ(small.size(), 1u);
  EXPECT_EQ(small.not_tracked(), 2u);
}

}  // namespace
}  // namespace sensor
