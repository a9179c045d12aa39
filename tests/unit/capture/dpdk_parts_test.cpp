// What can be tested of the DPDK source without DPDK's environment; the rest: tests/live.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "packet_bytes.h"
#include "src/capture/dpdk_eal.h"
#include "src/capture/dpdk_rss.h"

namespace sensor {
namespace {

using namespace test;
using testing::ElementsAre;
using testing::HasSubstr;

TEST(EalArguments, Words) {
  EXPECT_THAT(split_arguments("  -l 1-3\t--vdev=net_pcap0,rx_pcap='/a b/c' \"--x y\"\n"),
              ElementsAre("-l", "1-3", "--vdev=net_pcap0,rx_pcap=/a b/c", "--x y"));
  EXPECT_THAT(split_arguments(""), ElementsAre());
  EXPECT_THAT(split_arguments("a '' b"), ElementsAre("a", "", "b"));
}

TEST(EalArguments, WhatWeAdd) {
  cpu_set_t cores;
  CPU_ZERO(&cores);
  CPU_SET(0, &cores);
  CPU_SET(5, &cores);
  EXPECT_THAT(eal_arguments({"-m", "64"}, cores), ElementsAre("sensor", "--lcores=0@(0,5)", "--in-memory", "--no-telemetry", "-m", "64"));
  EXPECT_THAT(eal_arguments({"--no-huge", "-l1"}, cores), ElementsAre("sensor", "--no-shconf", "--no-telemetry", "--no-huge", "-l1"));
  EXPECT_THAT(eal_arguments({"--lcores=1", "--file-prefix=x", "--telemetry"}, cores),
              ElementsAre("sensor", "--lcores=1", "--file-prefix=x", "--telemetry"));
  EXPECT_THAT(eal_arguments({"--log-level=8"}, cores)[1], HasSubstr("--lcores")) << "--log-level is no -l";
}

/// Toeplitz's hash (Microsoft, "RSS hashing types"): for every bit set in the input, the 32 bits of the key that begin there.
uint32_t toeplitz(const Octets& input, RssKey& key) {
  const auto key_bit = [&](size_t i) { return key.data()[i / 8] >> (7 - i % 8) & 1; };
  uint32_t hash = 0;
  for (size_t bit = 0; bit < 8 * input.size(); bit++) {
    if ((input[bit / 8] >> (7 - bit % 8) & 1) == 0) continue;
    uint32_t window = 0;
    for (size_t i = 0; i < 32; i++) window = window << 1 | static_cast<uint32_t>(key_bit(bit + i));
    hash ^= window;
  }
  return hash;
}

TEST(RssKey, HashesBothDirectionsAlike) {
  const Octets a = address("192.0.2.7"), b = address("198.51.100.200"), a6 = address("2001:db8::1:2"), b6 = address("2001:db8:9::77");
  RssKey key(0), long_key(52);
  EXPECT_EQ(key.size(), 40);
  EXPECT_EQ(long_key.size(), 52);
  EXPECT_EQ(toeplitz(a + b + u16(1234) + u16(443), key), toeplitz(b + a + u16(443) + u16(1234), key));
  EXPECT_NE(toeplitz(a + b + u16(1234) + u16(443), key), toeplitz(a + b + u16(1235) + u16(443), key));
  EXPECT_EQ(toeplitz(a6 + b6 + u16(1234) + u16(443), key), toeplitz(b6 + a6 + u16(443) + u16(1234), key));
  EXPECT_EQ(toeplitz(a + b, long_key), toeplitz(b + a, long_key));
}

TEST(RssFields, OnlyWhatIsTheSameInBothDirections) {
  constexpr uint64_t kIpv4 = 1 << 2, kTcp4 = 1 << 4, kIpv6Ex = 1 << 15, kVxlan = 1 << 19;  // RTE_ETH_RSS_…
  EXPECT_EQ(rss_fields(kIpv4 | kTcp4 | kIpv6Ex | kVxlan), kIpv4 | kTcp4);
  EXPECT_EQ(rss_fields(0), 0u);
}

}  // namespace
}  // namespace sensor
