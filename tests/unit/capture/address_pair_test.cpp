#include "src/capture/address_pair.h"

#include <gtest/gtest.h>

#include "packet_bytes.h"

namespace sensor {
namespace {

using namespace test;

TEST(AddressPair, BothDirectionsAndAllPorts) {
  const uint64_t there = address_pair_hash(ethernet(0x0800, ipv4(6, octets(20), "192.0.2.1", "198.51.100.9")));
  EXPECT_NE(there, 0u);
  EXPECT_EQ(there, address_pair_hash(ethernet(0x0800, ipv4(17, octets(8), "198.51.100.9", "192.0.2.1"))));
  EXPECT_NE(there, address_pair_hash(ethernet(0x0800, ipv4(6, octets(20), "192.0.2.1", "198.51.100.8"))));
}

TEST(AddressPair, BehindTagsLabelsAndSessions) {
  const Octets v4 = ipv4(6, octets(20)), v6 = ipv6(6, octets(20));
  const uint64_t pair4 = address_pair_hash(ethernet(0x0800, v4)), pair6 = address_pair_hash(ethernet(0x86dd, v6));
  EXPECT_NE(pair6, 0u);
  EXPECT_EQ(pair4, address_pair_hash(ethernet(0x8100, vlan_tag(7, 0x0800, v4))));
  EXPECT_EQ(pair6, address_pair_hash(ethernet(0x88a8, vlan_tag(7, 0x8100, vlan_tag(8, 0x86dd, v6)))));
  EXPECT_EQ(pair4, address_pair_hash(ethernet(0x8847, u32(0x00010040) + u32(0x00020140) + v4))) << "two labels";
  EXPECT_EQ(pair6, address_pair_hash(ethernet(0x8864, Octets{0x11, 0, 0, 1, 0, 60, 0, 0x57} + v6)));
}

TEST(AddressPair, WhatHasNone) {
  EXPECT_EQ(address_pair_hash(ethernet(0x0806, octets(28))), 0u) << "ARP";
  EXPECT_EQ(address_pair_hash(ethernet(0x8847, u32(0x00010140) + octets(20))), 0u) << "not IP behind the label";
  const Octets whole = ethernet(0x8100, vlan_tag(7, 0x86dd, ipv6(6, octets(20))));
  for (size_t n = 0; n < 18 + 40; n++) EXPECT_EQ(address_pair_hash(Bytes(whole).first(n)), 0u) << n;
}

}  // namespace
}  // namespace sensor
