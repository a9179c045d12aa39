#include "sensor/app/top_screen.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace sensor {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr std::string_view kStatus =
    R"({"mode":"live","version":"1","interfaces":"eth0","filter":"a\u001b[2Jb\u202e\u0085c","uptime_s":10.0,"memory_bytes":1000,"lag_s":0.5,
"connections_open":3,"traffic":{"packets":100,"bytes":1000,"connections_opened":5},"ledger":{"dropped_capture":7},"logs":{"log_records_written":9},
"workers":[{"packets":100,"dropped":7,"ring_queue":5,"ring_queue_capacity":64,"log_queue":1,"log_queue_capacity":128,"lag_s":0.5,"cpu_percent":null}],
"threads":[{"name":"logs","cpu_percent":0.25},{"name":"http","cpu_percent":0.01},{"name":"worker 0","cpu_percent":93.0}],"losses":{"packets_dropped_ring":7}})";
constexpr std::string_view kTop =
    R"({"sources_by_bytes":[{"ip":"10.0.0.1","value":5000}],"destinations_by_bytes":[],"services":{"dns":2,"\u001b]0;x\u0007":1},"applications":{}})";

TEST(TopScreen, ShowsRatesAndNothingThatMovesTheCursor) {
  std::optional<TopMark> mark = TopMark{50, 500, 4, 7, 9.0};
  const std::string screen = top_screen(kStatus, kTop, 40, 200, mark);
  EXPECT_THAT(screen, HasSubstr("live eth0  up 0:00:10  filter: a?[2Jb??c"));
  EXPECT_THAT(screen, HasSubstr("50 packets/s  4.0 kbit/s  1 connections/s, 3 open  0 dropped/s"));
  EXPECT_THAT(screen, HasSubstr("1/128"));
  EXPECT_THAT(screen, HasSubstr("5/64"));
  EXPECT_THAT(screen, HasSubstr("worker 0 93.0 %, logs 0.2 %\n")) << "the busiest first, those that sleep left out";
  EXPECT_THAT(screen, HasSubstr("dns 2, ?]0;x? 1"));
  EXPECT_THAT(screen, HasSubstr("10.0.0.1"));
  EXPECT_THAT(screen, HasSubstr("packets_dropped_ring"));
  EXPECT_THAT(screen, Not(HasSubstr("\x1b")));
  EXPECT_EQ(mark->packets, 100U);
}

TEST(TopScreen, FitsTheTerminal) {
  std::optional<TopMark> mark;
  const std::string screen = top_screen(kStatus, kTop, 5, 20, mark);
  EXPECT_EQ(std::ranges::count(screen, '\n'), 4);
  EXPECT_EQ(screen.find('\n'), 20U);
}

TEST(TopScreen, AnswersThatAreNone) {
  std::optional<TopMark> mark;
  for (const char* text : {"", "{", "[]", "1", "{}"}) (void)top_screen(text, text, 40, 80, mark);
  EXPECT_THAT(top_screen("{", "", 40, 80, mark), HasSubstr("cannot be read"));
}

TEST(Printable, KeepsWhatIsText) {
  EXPECT_EQ(printable("München 東京"), "München 東京");
  EXPECT_EQ(printable("\xff\xc2\x9b\x7f\r\n\t"), "??????");
}

}  // namespace
}  // namespace sensor
