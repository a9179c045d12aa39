#include "sensor/capture/interfaces.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/net_tstamp.h>
#include <net/if_arp.h>

#include "src/capture/ethtool.h"
#include "src/capture/fanout_program.h"
#include "src/capture/packet_socket.h"

namespace sensor {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;

TEST(Interfaces, AListIsSplitAtItsCommas) {
  EXPECT_THAT(split_interfaces("eth0"), ElementsAre("eth0"));
  EXPECT_THAT(split_interfaces(",eth1,,eth0,eth1,"), ElementsAre("eth1", "eth0"));
  EXPECT_TRUE(split_interfaces("").empty());
}

TEST(Interfaces, AnUnknownOneIsToldTheKnownOnes) {
  const Status s = check_interface("nowhere0");
  ASSERT_FALSE(s.ok());
  EXPECT_EQ(s.error().kind, Error::Usage);
  EXPECT_THAT(s.error().message, HasSubstr("nowhere0"));
  for (const std::string& name : interface_names()) EXPECT_THAT(s.error().message, HasSubstr(name));
  EXPECT_FALSE(check_interface("a-name-that-is-too-long-for-any-kernel").ok());
}

TEST(Interfaces, Loopback) {
  if (!check_interface("lo").ok()) GTEST_SKIP() << "this host has no lo";
  EXPECT_TRUE(interface_state("lo").loopback);
  EXPECT_THAT(interface_names(), Contains("lo"));
  EXPECT_EQ(interface_state("nowhere0").index, 0);
}

TEST(Interfaces, ClocksThatStampEveryPacket) {
  constexpr uint32_t kHardware = SOF_TIMESTAMPING_RX_HARDWARE | SOF_TIMESTAMPING_RAW_HARDWARE;
  constexpr uint32_t kEvery = 1U << HWTSTAMP_FILTER_ALL, kPtp = 1U << HWTSTAMP_FILTER_PTP_V2_EVENT;
  EXPECT_TRUE(stamps_every_packet({kHardware | SOF_TIMESTAMPING_SOFTWARE, kEvery | kPtp}));
  EXPECT_FALSE(stamps_every_packet({kHardware, kPtp})) << "those of PTP alone";
  EXPECT_FALSE(stamps_every_packet({SOF_TIMESTAMPING_RX_SOFTWARE | SOF_TIMESTAMPING_SOFTWARE, kEvery}));
  EXPECT_FALSE(stamps_every_packet({SOF_TIMESTAMPING_RX_HARDWARE, kEvery})) << "turned into the kernel's time";
  EXPECT_FALSE(stamps_every_packet({}));
  EXPECT_FALSE(stamps_every_packet(Ethtool("lo").receive_clock()));
  EXPECT_FALSE(stamps_every_packet(Ethtool("nowhere0").receive_clock()));
}

TEST(PacketSockets, LinkTypes) {
  EXPECT_EQ(link_type_of({.index = 1, .hardware = ARPHRD_ETHER}), LinkType::Ethernet);
  EXPECT_EQ(link_type_of({.index = 1, .hardware = ARPHRD_LOOPBACK}), LinkType::Ethernet);
  EXPECT_EQ(link_type_of({.index = 1, .hardware = ARPHRD_IEEE80211_RADIOTAP}), LinkType::Ieee80211Radiotap);
  EXPECT_EQ(link_type_of({.index = 1, .hardware = ARPHRD_NONE}), LinkType::RawIp) << "tun";
}

TEST(PacketSockets, TagsAreNotTheKernelsToFilter) {
  EXPECT_TRUE(kernel_can_apply("tcp port 80"));
  EXPECT_TRUE(kernel_can_apply("host vlanserver"));
  EXPECT_FALSE(kernel_can_apply("vlan"));
  EXPECT_FALSE(kernel_can_apply("tcp or (vlan 7 and udp)"));
  EXPECT_FALSE(kernel_can_apply("not(vlan)"));
}

TEST(PacketSockets, TheFanoutProgramJumpsWithinItself) {
  const auto program = address_pair_program();
  EXPECT_LT(program.size(), 64u);
  for (size_t i = 0; i < program.size(); i++) {
    if (BPF_CLASS(program[i].code) == BPF_JMP) {
      EXPECT_LT(i + 1 + program[i].jf, program.size());
    }
  }
  EXPECT_EQ(BPF_CLASS(program.back().code), BPF_RET);
}

}  // namespace
}  // namespace sensor
