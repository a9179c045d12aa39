#include "src/session/table_checks.h"

#include <gtest/gtest.h>

#include <vector>

namespace sensor {
namespace {

struct Checks : testing::Test {
  TableChecks checks;
  /// Times of the checks that fell, in milliseconds.
  std::vector<TimeNs> advance(std::vector<TimeNs> clocks_ms) {
    std::vector<TimeNs> out;
    for (TimeNs& t : clocks_ms) t *= kMillisecond;
    checks.advance(clocks_ms, [&](TimeNs t) { out.push_back(t / kMillisecond); });
    return out;
  }
};
using Times = std::vector<TimeNs>;

TEST_F(Checks, FallOnPackets) {
  EXPECT_EQ(advance({}), Times{});
  EXPECT_EQ(advance({500, 600}), Times{});  // nobody waits
  checks.entry_end(600 * kMillisecond, kSecond);
  EXPECT_EQ(advance({700, 10'499}), Times{});
  EXPECT_EQ(advance({10'499, 10'700, 10'701, 20'700}), (Times{10'700, 20'700}));
}

TEST_F(Checks, EndAMinuteAfterTheLastEntry) {
  advance({0});
  checks.entry_end(0, kSecond);
  EXPECT_EQ(advance({15'000, 500'000, 600'000}), (Times{15'000, 500'000}));
  checks.entry_end(600 * kSecond, kSecond);
  EXPECT_EQ(advance({700'000, 800'000}), Times{700'000});
}

TEST_F(Checks, LivesAreCountedInWholeSeconds) {
  advance({500});
  EXPECT_EQ(checks.entry_end(500 * kMillisecond, 10 * kSecond), 10'500 * kMillisecond);
  EXPECT_EQ(checks.entry_end(1'499 * kMillisecond, 10 * kSecond), 10'500 * kMillisecond);
  EXPECT_EQ(checks.entry_end(1'500 * kMillisecond, 10 * kSecond), 11'500 * kMillisecond);
}

}  // namespace
}  // namespace sensor
