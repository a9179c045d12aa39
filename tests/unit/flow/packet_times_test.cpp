#include "src/flow/packet_times.h"

#include <gtest/gtest.h>

namespace sensor {
namespace {

TEST(PacketTimes, FirstPacketAfterATime) {
  PacketTimes t;
  EXPECT_EQ(t.first_from(5, 9), 9) << "none is known";
  t.begin_burst(std::vector<TimeNs>{1 * kSecond, 4 * kSecond});
  t.begin_burst({});
  t.begin_burst(std::vector<TimeNs>{7 * kSecond});
  EXPECT_EQ(t.first_from(2 * kSecond, 8 * kSecond), 4 * kSecond);
  EXPECT_EQ(t.first_from(4 * kSecond, 8 * kSecond), 4 * kSecond);
  EXPECT_EQ(t.first_from(5 * kSecond, 8 * kSecond), 7 * kSecond);
  EXPECT_EQ(t.first_from(5 * kSecond, 6 * kSecond), 6 * kSecond) << "not yet";
  EXPECT_EQ(t.first_from(8 * kSecond, 9 * kSecond), 9 * kSecond);
}

// A hundred times as many packets as it may remember, a nanosecond apart.
TEST(PacketTimes, ManyPackets) {
  PacketTimes t;
  std::vector<TimeNs> burst(64);
  TimeNs now = kSecond;
  for (int i = 0; i < 100'000; i++) {
    for (TimeNs& clock : burst) clock = ++now;
    t.begin_burst(burst);
  }
  EXPECT_EQ(t.first_from(kSecond + 5'000'400, now), kSecond + 5'000'000);
  EXPECT_EQ(t.first_from(now + kMicrosecond, now + kSecond), now + kSecond);
}

}  // namespace
}  // namespace sensor
