#include "sensor/output/stats_log.h"

#include <gtest/gtest.h>

#include "fake_context.h"

namespace sensor {
namespace {

StatsReport sample_report() {
  StatsReport r;
  r.start_ns = 100 * kSecond;
  r.end_ns = 110 * kSecond;
  r.traffic.packets = 50;
  r.traffic.bytes = 1000;
  r.traffic.opened = {1, 2, 3, 4};
  r.traffic.ended = {0, 1, 1, 0};
  r.active = {1, 1, 2, 4};
  r.services = {{"dns", 3}, {"http", 1}};
  r.applications = {{"YouTube", 1}};
  r.top.lists[0][0] = {{IpAddress::v4(0x0a000001), 600, 0}, {IpAddress::v4(0x0a000002), 400, 10}};
  r.top.totals = {1000, 50, 2};
  return r;
}

TEST(StatsLog, ReplayHasNoColumnsOfTheMachine) {
  RecordCatcher c;
  StatsLog log(c.writer());
  log.write(sample_report());
  const RowText row = c.rows("stats").at(0);
  EXPECT_EQ(row.at("ts"), "110.000000");
  EXPECT_EQ(row.at("mem"), "-");
  EXPECT_EQ(row.at("pkts_dropped"), "-");
  EXPECT_EQ(row.at("drops"), "-");
  EXPECT_EQ(row.at("interval"), "10.000000");
  EXPECT_EQ(row.at("tcp_conns"), "2");
  EXPECT_EQ(row.at("other_conns"), "1");
  EXPECT_EQ(row.at("active_icmp_conns"), "4");
  EXPECT_EQ(row.at("ended_conns"), "2");
  EXPECT_EQ(row.at("pkts_per_sec"), "5.0");
  EXPECT_EQ(row.at("bits_per_sec"), "800.0");
  EXPECT_EQ(row.at("conns_per_sec"), "1.0");
  EXPECT_EQ(row.at("services"), "dns,http");
  EXPECT_EQ(row.at("service_conns"), "3,1");
  EXPECT_EQ(row.at("apps"), "YouTube");
}

TEST(StatsLog, LiveSamplesFillThem) {
  RecordCatcher c;
  StatsLog log(c.writer(), [] { return LiveSample{3 << 20, 7, 57, kMillisecond, {{"ring_full", 7}}}; });
  log.write(sample_report());
  const RowText row = c.rows("stats").at(0);
  EXPECT_EQ(row.at("mem"), "3");
  EXPECT_EQ(row.at("pkts_dropped"), "7");
  EXPECT_EQ(row.at("pkts_link"), "57");
  EXPECT_EQ(row.at("pkt_lag"), "0.001000");
  EXPECT_EQ(row.at("drop_reasons"), "ring_full");
  EXPECT_EQ(row.at("drops"), "7");
}

TEST(StatsLog, OneRowPerPlace) {
  RecordCatcher c;
  StatsLog log(c.writer());
  log.write(sample_report());
  const auto rows = c.rows("top_ips");
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[1].at("role"), "source");
  EXPECT_EQ(rows[1].at("metric"), "bytes");
  EXPECT_EQ(rows[1].at("rank"), "2");
  EXPECT_EQ(rows[1].at("ip"), "10.0.0.2");
  EXPECT_EQ(rows[1].at("value"), "400");
  EXPECT_EQ(rows[1].at("error"), "10");
  EXPECT_EQ(rows[1].at("share"), "0.4");
}

TEST(StatsLog, OneRowPerProtocol) {
  RecordCatcher c;
  StatsLog log(c.writer());
  StatsReport r = sample_report();
  r.services = {{"dns", 1, 8, 900}};
  log.write(r);
  const auto rows = c.rows("protocols");
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0].at("kind"), "service");
  EXPECT_EQ(rows[0].at("name"), "dns");
  EXPECT_EQ(rows[0].at("connections"), "1");
  EXPECT_EQ(rows[0].at("packets"), "8");
  EXPECT_EQ(rows[0].at("bytes"), "900");
  EXPECT_EQ(rows[0].at("share"), "0.5");
  EXPECT_EQ(rows[1].at("kind"), "application");
  EXPECT_EQ(rows[1].at("name"), "YouTube");
}

TEST(StatsLog, LossInPercentOfAcknowledgements) {
  RecordCatcher c;
  StatsLog log(c.writer());
  StatsReport r = sample_report();
  r.traffic.acks = 200;
  r.traffic.gaps = 3;
  log.write(r);
  log.write(StatsReport{});
  const auto rows = c.rows("capture_loss");
  EXPECT_EQ(rows.at(0).at("ts_delta"), "10.000000");
  EXPECT_EQ(rows.at(0).at("acks"), "200");
  EXPECT_EQ(rows.at(0).at("gaps"), "3");
  EXPECT_EQ(rows.at(0).at("percent_lost"), "1.5");
  EXPECT_EQ(rows.at(1).at("percent_lost"), "0.0");
}

TEST(StatsLog, AnEmptyIntervalDividesByNothing) {
  RecordCatcher c;
  StatsLog log(c.writer());
  log.write(StatsReport{});
  EXPECT_EQ(c.rows("stats").at(0).at("pkts_per_sec"), "0.0");
}

}  // namespace
}  // namespace sensor
