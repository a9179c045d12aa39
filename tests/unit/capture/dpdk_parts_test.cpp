// What can be tested of the DPDK source without DPDK's environment; the rest: tests/live.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "packet_bytes.h"
#include "src/capture/dpdk_eal.h"
#include "src/capture/dpdk_idle.h"
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

using Step = DpdkIdle::Step;

/// The steps until `last` comes, with how often each came; `last` is the last of them.
std::vector<std::pair<Step, unsigned>> steps_until(DpdkIdle& idle, Step last, unsigned most = 10'000) {
  std::vector<std::pair<Step, unsigned>> steps;
  for (unsigned i = 0; i < most; i++) {
    const Step s = idle.nothing_came();
    if (steps.empty() || steps.back().first != s) steps.emplace_back(s, 0);
    steps.back().second++;
    if (s == last) break;
  }
  return steps;
}

TEST(DpdkIdle, PollsForEver) {
  DpdkIdle idle(IdleMode::Poll);
  EXPECT_THAT(steps_until(idle, Step::Wait), ElementsAre(testing::Pair(Step::Spin, 10'000)));
  EXPECT_FALSE(idle.packets_came());
}

TEST(DpdkIdle, SleepsForLongerAndLonger) {
  using namespace std::chrono_literals;
  DpdkIdle idle(IdleMode::Sleep);
  for (int round = 0; round < 2; round++) {
    EXPECT_THAT(steps_until(idle, Step::Sleep), ElementsAre(testing::Pair(Step::Spin, DpdkIdle::kSpins), testing::Pair(Step::Sleep, 1)));
    EXPECT_EQ(idle.sleep(), 16us);
    EXPECT_EQ(idle.nothing_came(), Step::Sleep);
    EXPECT_EQ(idle.sleep(), 32us);
    EXPECT_THAT(steps_until(idle, Step::Wait), ElementsAre(testing::Pair(Step::Sleep, 10'000)));
    EXPECT_EQ(idle.sleep(), 1024us);
    EXPECT_FALSE(idle.packets_came()) << "and begins anew";
  }
}

TEST(DpdkIdle, LooksOnceMoreBeforeItWaits) {
  DpdkIdle idle(IdleMode::Interrupt);
  EXPECT_THAT(steps_until(idle, Step::Wait),
              ElementsAre(testing::Pair(Step::Spin, DpdkIdle::kSpins), testing::Pair(Step::Sleep, DpdkIdle::kSleeps),
                          testing::Pair(Step::Arm, 1), testing::Pair(Step::Wait, 1)));
  EXPECT_FALSE(idle.packets_came()) << "a wait ends disarmed";
}

TEST(DpdkIdle, WhatCameBeforeItWasArmedIsNotWaitedFor) {
  DpdkIdle idle(IdleMode::Interrupt);
  EXPECT_EQ(steps_until(idle, Step::Arm).back().first, Step::Arm);
  EXPECT_TRUE(idle.packets_came()) << "to be disarmed";
  EXPECT_FALSE(idle.packets_came()) << "once";
  EXPECT_EQ(idle.nothing_came(), Step::Spin);
}

TEST(DpdkIdle, WaitsAgainWhenNothingWokeIt) {
  DpdkIdle idle(IdleMode::Interrupt);
  (void)steps_until(idle, Step::Wait);
  EXPECT_EQ(idle.nothing_came(), Step::Arm);
  EXPECT_EQ(idle.nothing_came(), Step::Wait);
  idle.woken();
  EXPECT_EQ(idle.nothing_came(), Step::Spin) << "the packets may be late";
}

TEST(IdleModes, AThreadWaitsOnlyForPortsThatCanAllWakeIt) {
  constexpr auto kSleep = IdleMode::Sleep, kInterrupt = IdleMode::Interrupt, kPoll = IdleMode::Poll;
  constexpr DpdkPortFacts own{true, true}, own_without{true, false}, shared{false, true}, shared_without{false, false};
  const auto modes = [](IdleMode wanted, std::vector<DpdkPortFacts> ports) { return idle_modes(wanted, ports); };
  EXPECT_THAT(modes(kInterrupt, {own, own}), ElementsAre(kInterrupt, kInterrupt));
  EXPECT_THAT(modes(kInterrupt, {own, own_without}), ElementsAre(kSleep, kSleep)) << "the workers read both";
  EXPECT_THAT(modes(kInterrupt, {shared}), ElementsAre(kInterrupt)) << "the distributor waits";
  EXPECT_THAT(modes(kInterrupt, {shared, shared_without}), ElementsAre(kSleep, kSleep));
  EXPECT_THAT(modes(kInterrupt, {own, shared}), ElementsAre(kSleep, kInterrupt))
      << "the workers have the distributor's packets to look for";
  EXPECT_THAT(modes(kInterrupt, {own, shared_without}), ElementsAre(kSleep, kSleep));
  EXPECT_THAT(modes(kSleep, {own, shared}), ElementsAre(kSleep, kSleep));
  EXPECT_THAT(modes(kPoll, {own, shared_without}), ElementsAre(kPoll, kPoll));
}

}  // namespace
}  // namespace sensor
