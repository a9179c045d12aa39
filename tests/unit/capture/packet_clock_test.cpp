#include <gtest/gtest.h>

#include "src/capture/wall_clock.h"

namespace sensor {
namespace {

constexpr TimeNs kNow = 1'700'000'000 * kSecond;

TEST(PacketClock, SpreadsABurstOverTheTimeSinceTheLastLook) {
  PacketClock clock;
  clock.nothing(kNow);
  clock.burst(kNow + 100, 4);
  for (const TimeNs after : {25, 50, 75, 100}) EXPECT_EQ(clock.next(), kNow + after);
  clock.burst(kNow + 300, 2);
  EXPECT_EQ(clock.next(), kNow + 200);
  EXPECT_EQ(clock.next(), kNow + 300);
}

TEST(PacketClock, NotOverALongSilence) {
  PacketClock clock;
  clock.burst(kNow, 1);
  EXPECT_EQ(clock.next(), kNow);
  clock.burst(kNow + 5 * kSecond, 2);
  EXPECT_EQ(clock.next(), kNow + 5 * kSecond - 5 * kMillisecond);
}

TEST(PacketClock, FollowsAClockThatWasSetBack) {
  PacketClock clock;
  clock.nothing(kNow);
  clock.burst(kNow - kSecond, 2);
  EXPECT_EQ(clock.next(), kNow - kSecond);
  EXPECT_EQ(clock.next(), kNow - kSecond);
}

}  // namespace
}  // namespace sensor
