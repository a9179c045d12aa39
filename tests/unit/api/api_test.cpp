#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "sensor/api/endpoint.h"
#include "sensor/api/live_status.h"
#include "temp_dir.h"

namespace sensor {
namespace {

using testing::HasSubstr;
using testing::Not;

RunStatus example() {
  RunStatus s;
  s.mode = RunMode::Live;
  s.version = "1.0";
  s.interfaces = "eth0";
  s.log_dir = "a \"quoted\"\\ name\n\xff";
  s.uptime_s = 1.5;
  s.connections_open = 3;
  s.workers.resize(2);
  s.workers[0].queue = {{{"packets_read", "packets"}, 5}};
  s.workers[1].queue = {{{"packets_read", "packets"}, 7}};
  s.workers[1].packets = 7;
  s.workers[1].ring_queue = 3;
  s.workers[1].ring_queue_capacity = 64;
  s.ports = {{"net_tap0", "interrupt"}};
  s.traffic = {{{"packets", "packets that were counted"}, 12}};
  s.losses = {{{"flow_gaps", ""}, 2}};
  s.ledger.received = 12;
  s.ledger.dropped_capture = 2;
  s.ledger.decoded = 6;
  s.ledger.undecoded = 3;
  s.ledger.inner_decoded = 4;
  s.ledger.tracked = 10;
  return s;
}

TEST(RunStatus, Json) {
  const std::string text = status_json(example());
  EXPECT_THAT(text, HasSubstr(R"("log_dir":"a \"quoted\"\\ name\u000a\\xff")"));
  EXPECT_THAT(text, HasSubstr(R"("lag_s":0,"packets_read":5},{"packets":7,)"));
  EXPECT_THAT(text, HasSubstr(R"("traffic":{"packets":12})"));
  EXPECT_THAT(text, HasSubstr(R"("ports":[{"name":"net_tap0","idle":"interrupt"}],)"));
  EXPECT_THAT(text, HasSubstr(R"("logs":{},"losses":{"flow_gaps":2})"));
  EXPECT_THAT(text, HasSubstr(R"("inner_decoded":4,"inner_undecoded":0,"tracked":10,"untracked":0,"waiting":1,)"));
  EXPECT_THAT(text, HasSubstr(R"("cpu_percent":null)"));
  EXPECT_THAT(text, Not(HasSubstr("last_run")));
}

TEST(RunStatus, JsonOfAProcess) {
  ProcessStatus p;
  p.time = 1.25;
  p.threads = {{"worker 1", 12.5}};
  p.free_bytes = 100;
  p.log_bytes_per_s = 4;
  p.last_run = LastRun{RunMode::Replay, "a.pcap", "cut short", 1, 9};
  const std::string text = status_json(example(), &p);
  EXPECT_THAT(text, HasSubstr(R"("cpu_percent":12.5,"lag_s":0,"packets_read":7)"));
  EXPECT_THAT(text,
              HasSubstr(R"("last_run":{"mode":"replay","origin":"a.pcap","ended":1.000000,"ok":false,"message":"cut short","packets":9})"));
  EXPECT_THAT(text, HasSubstr(R"("seconds_left":25)"));
}

TEST(RunStatus, Metrics) {
  const std::string text = metrics_text(example());
  EXPECT_THAT(text, HasSubstr("# TYPE sensor_packets_total counter\nsensor_packets_total 12\n"));
  EXPECT_THAT(text, HasSubstr("sensor_capture_packets_read_total{worker=\"1\"} 7\n"));
  EXPECT_THAT(text, HasSubstr("sensor_lost_total{reason=\"flow_gaps\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("sensor_ledger_packets_total{row=\"inner_decoded\"} 4\n"));
  EXPECT_THAT(text, HasSubstr("# TYPE sensor_ledger_packets_waiting gauge\nsensor_ledger_packets_waiting 1\n"));
  EXPECT_THAT(text, HasSubstr("sensor_uptime_seconds 1.5\n"));
  EXPECT_THAT(text, HasSubstr("# TYPE sensor_queue_depth gauge\nsensor_queue_depth{worker=\"0\",queue=\"ring\"} 0\n"));
  EXPECT_THAT(text, HasSubstr("sensor_queue_depth{worker=\"1\",queue=\"ring\"} 3\n"));
  EXPECT_THAT(text, HasSubstr("sensor_queue_capacity{worker=\"1\",queue=\"ring\"} 64\n"));
}

TEST(RunStatus, Top) {
  StatsReport r;
  r.traffic.packets = 4;
  r.services = {{"dns", 2}};
  r.top.lists[0][0] = {{IpAddress::v4(0x0a000001), 100, 1}};
  const std::string text = top_json(r);
  EXPECT_THAT(text, HasSubstr(R"("services":{"dns":2})"));
  EXPECT_THAT(text, HasSubstr(R"("sources_by_bytes":[{"ip":"10.0.0.1","value":100,"error":1}])"));
}

TEST(Endpoint, AnswersOnAUnixSocketThatGoesAwayWithIt) {
  const test::TempDir dir;
  const std::string path = dir.path("sock");
  EXPECT_THAT(ask_endpoint(path, "/x").error().message, HasSubstr(path));
  {
    auto opened = open_endpoint(path, "", 0, {{"/x", {"text/plain", [] { return std::string("answer"); }}}});
    ASSERT_TRUE(opened.ok()) << opened.error().message;
    ASSERT_TRUE(opened.value()->start().ok());
    EXPECT_EQ(ask_endpoint(path, "/x").value(), "answer");
    EXPECT_FALSE(ask_endpoint(path, "/y").ok());
  }
  EXPECT_FALSE(std::filesystem::exists(path));
  auto too_long = open_endpoint(dir.path(std::string(200, 'x')), "", 0, {});
  ASSERT_FALSE(too_long.ok());
  EXPECT_EQ(too_long.error().kind, Error::Usage);
  auto not_ours = open_endpoint(path, "192.0.2.1", 9047, {});
  ASSERT_FALSE(not_ours.ok());
  EXPECT_THAT(not_ours.error().message, HasSubstr("--no-http"));
}

}  // namespace
}  // namespace sensor
