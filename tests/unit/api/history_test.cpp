#include "src/api/history.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <thread>

#include "temp_dir.h"

namespace sensor {
namespace {

using testing::HasSubstr;

constexpr int64_t kNow = 1'800'000'000;

HistorySample sample(int64_t time, uint64_t packets) {
  HistorySample s;
  s.time = time;
  s.seconds = 1;
  s.packets = packets;
  s.protocols = {{"dns", packets}};
  return s;
}

TEST(History, KeepsSecondsAndMinutesAcrossRestarts) {
  const test::TempDir dir;
  const std::string path = dir.path("h.sqlite");
  {
    auto h = History::open(path);
    ASSERT_TRUE(h.ok()) << h.error().message;
    for (int i = 0; i < 120; i++)
      if (i != 1) h.value()->add(sample(kNow + i, static_cast<uint64_t>(i)));
  }
  auto h = History::open(path);
  ASSERT_TRUE(h.ok());
  EXPECT_THAT(h.value()->json({kNow, kNow + 3, 1}).value(), HasSubstr(R"("packets":[0,null,2],)"));
  EXPECT_THAT(h.value()->json({kNow, kNow + 3, 1}).value(), HasSubstr(R"("protocols":{"dns":[0,null,2]})"));
  EXPECT_THAT(h.value()->json({kNow, kNow + 120, 60}).value(), HasSubstr(R"("packets":[29.9831,89.5],)"));
}

TEST(History, OldSecondsGo) {
  const test::TempDir dir;
  const std::string path = dir.path("h.sqlite");
  {
    auto h = History::open(path);
    h.value()->add(sample(kNow, 1));
    h.value()->add(sample(kNow + 2 * History::kFineSeconds, 1));
  }
  auto h = History::open(path);
  EXPECT_THAT(h.value()->json({kNow, kNow + 1, 1}).value(), HasSubstr(R"("packets":[null])"));
  EXPECT_THAT(h.value()->json({kNow, kNow + 60, 60}).value(), HasSubstr(R"("packets":[1])"));
}

TEST(History, ManyNamesAreSummedUp) {
  const test::TempDir dir;
  const std::string path = dir.path("h.sqlite");
  {
    auto h = History::open(path);
    HistorySample s = sample(kNow, 1);
    s.protocols.clear();
    for (uint64_t i = 0; i < 20; i++) s.protocols.emplace_back("p" + std::to_string(i), 100 + i);
    h.value()->add(std::move(s));
  }
  const std::string text = History::open(path).value()->json({kNow, kNow + 1, 1}).value();
  EXPECT_THAT(text, HasSubstr(R"("p19":[119])"));
  EXPECT_THAT(text, HasSubstr(R"("other":[828])"));
}

TEST(History, StepsFitWhatThereIs) {
  const auto step = [](int64_t from, int64_t to, int64_t wished) { return History::allowed({from, to, wished}, kNow).step; };
  EXPECT_EQ(step(kNow - 900, kNow, 1), 1);
  EXPECT_EQ(step(kNow - 3600, kNow, 1), 1);
  EXPECT_EQ(step(kNow - 3600, kNow, 10), 10);
  EXPECT_EQ(step(kNow - 7200, kNow, 1), 60);
  EXPECT_EQ(step(kNow - 7200, kNow, 61), 120);
  EXPECT_EQ(step(kNow - 30 * 86400, kNow, 1), 720);
  const HistoryRange r = History::allowed({-5, 1LL << 60, 1}, kNow);
  EXPECT_LE((r.to - r.from) / r.step, History::kMaxPoints + 1);
}

TEST(History, AFileThatIsNoDatabaseIsPutAside) {
  const test::TempDir dir;
  const std::string path = dir.write("h.sqlite", std::string(5000, 'x'));
  EXPECT_TRUE(History::open(path).ok());
  EXPECT_TRUE(std::filesystem::exists(path + ".damaged"));
  EXPECT_EQ(History::open(dir.path("no/where")).error().kind, Error::Usage);
}

}  // namespace
}  // namespace sensor
