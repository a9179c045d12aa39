#include "src/capture/checks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "sensor/capture/doctor.h"
#include "sensor/capture/interfaces.h"

namespace sensor {
namespace {

using testing::HasSubstr;

/// A card that captures well.
CaptureFacts good() {
  CaptureFacts f;
  f.interface = "eth1";
  f.up = f.carrier = true;
  f.mtu = 1500;
  f.driver = {"ixgbe", "0000:03:00.0"};
  f.ring = RingSize{4096, 8192};
  f.clock_synchronised = true;
  f.clock_source = "tsc";
  f.cores = 8;
  f.huge_page_kib = f.huge_page_kib_free = 1 << 20;
  return f;
}
Finding finding(const CaptureFacts& facts, std::string_view check) {
  const auto all = check_capture(facts);
  const auto it = std::ranges::find(all, check, &Finding::check);
  return it != all.end() ? *it : Finding{"no such check", Verdict::Fine, ""};
}
std::vector<uint8_t> repeated_key() {
  std::vector<uint8_t> key;
  for (int i = 0; i < 20; i++) key.insert(key.end(), {0x6d, 0x5a});
  return key;
}

TEST(Doctor, NothingToMendOnAGoodCard) {
  for (const Finding& f : check_capture(good())) {
    EXPECT_EQ(f.verdict, Verdict::Fine) << f.check << ": " << f.says;
    EXPECT_EQ(f.remedy, "") << f.check;
  }
}

TEST(Doctor, WhateverIsToMendHasACommand) {
  CaptureFacts f;  // everything is wrong
  f.interface = "eth1";
  f.may_capture = false;
  f.merging_receive = {"rx-gro"};
  f.merging_send = {"tx-tcp-segmentation"};
  f.ring = RingSize{256, 4096};
  f.queues = 4;
  f.rss = RssHash{{1, 2, 3, 4}};
  f.mtu = 576;
  f.clock_synchronised = false;
  f.governor = "powersave";
  size_t n = 0;
  for (const Finding& x : check_capture(f)) {
    if (x.verdict != Verdict::Mend) continue;
    EXPECT_NE(x.remedy, "") << x.check;
    n++;
  }
  EXPECT_EQ(n, 9u);
}

TEST(Doctor, Link) {
  CaptureFacts f = good();
  f.up = false;
  EXPECT_EQ(finding(f, "link").remedy, "ip link set eth1 up");
  f.up = true;
  f.carrier = false;
  EXPECT_THAT(finding(f, "link").says, HasSubstr("no carrier"));
  EXPECT_EQ(finding(f, "link").fix, Fix::None);
}

TEST(Doctor, Offloads) {
  CaptureFacts f = good();
  f.merging_receive = {"rx-gro", "rx-lro"};
  EXPECT_EQ(finding(f, "receive offloads").remedy, "ethtool -K eth1 gro off lro off");
  EXPECT_EQ(finding(f, "send offloads").verdict, Verdict::Fine);
  f.merging_send = {"tx-generic-segmentation", "tx-tcp-segmentation", "tx-tcp6-segmentation", "tx-udp-segmentation"};
  EXPECT_EQ(finding(f, "send offloads").remedy, "ethtool -K eth1 gso off tso off tx-udp-segmentation off");
}

TEST(Doctor, TheRingIsAsLargeAsIsUseful) {
  CaptureFacts f = good();
  f.ring = RingSize{512, 8192};
  EXPECT_EQ(finding(f, "receive ring").remedy, "ethtool -G eth1 rx 4096");
  EXPECT_EQ(finding(f, "receive ring").fix, Fix::GrowRing);
  f.has_address = true;
  EXPECT_EQ(finding(f, "receive ring").fix, Fix::None) << "the link of somebody who may be logged in over it";
  f.ring = RingSize{1024, 1024};
  EXPECT_EQ(finding(f, "receive ring").verdict, Verdict::Fine);
}

TEST(Doctor, QueuesSplitNoConnection) {
  CaptureFacts f = good();
  f.queues = 4;
  EXPECT_EQ(finding(f, "queues").verdict, Verdict::Note) << "unknown";
  f.rss = RssHash{repeated_key()};
  EXPECT_EQ(finding(f, "queues").verdict, Verdict::Fine);
  f.rss->key[7] = 0;
  EXPECT_EQ(finding(f, "queues").verdict, Verdict::Mend);
  EXPECT_THAT(finding(f, "queues").remedy, HasSubstr("hkey 6d:5a:6d:5a"));
  EXPECT_EQ(std::ranges::count(finding(f, "queues").remedy, ':'), 39) << "as long as the key was";
  f.rss->symmetric_input = true;
  EXPECT_EQ(finding(f, "queues").verdict, Verdict::Fine);
  f.rss_fields_pair = false;
  EXPECT_THAT(finding(f, "queues").remedy, HasSubstr("rx-flow-hash"));
}

TEST(Doctor, LongFrames) {
  CaptureFacts f = good();
  f.mtu = 1400;
  EXPECT_EQ(finding(f, "MTU").verdict, Verdict::Mend);
  f.has_address = true;
  EXPECT_EQ(finding(f, "MTU").verdict, Verdict::Note) << "a VPN, say";
  f.mtu = 1 << 20;
  EXPECT_EQ(finding(f, "MTU").verdict, Verdict::Mend);
  f.mtu = 1500;
  f.frames_too_long = 3;
  EXPECT_EQ(finding(f, "MTU").remedy, "ip link set eth1 mtu 9000");
}

TEST(Doctor, Host) {
  CaptureFacts f = good();
  f.clock_source = "hpet";
  EXPECT_THAT(finding(f, "clock").says, HasSubstr("slow"));
  f.numa_nodes = 2;
  f.numa_node = 1;
  f.numa_cores = "8-15";
  EXPECT_THAT(finding(f, "cores").remedy, HasSubstr("taskset -c 8-15"));
  f.huge_page_kib = 0;
  EXPECT_EQ(finding(f, "huge pages").verdict, Verdict::Note) << "AF_PACKET does without";
}

TEST(Doctor, ExaminesWhatThereIs) {
  EXPECT_EQ(examine_interface("nowhere0", false).error().kind, Error::Usage);
  if (!check_interface("lo").ok()) GTEST_SKIP() << "this host has no lo";
  const auto report = examine_interface("lo", false);
  ASSERT_TRUE(report.ok());
  for (const char* check : {"rights", "link", "receive offloads", "MTU", "clock", "cores", "huge pages"})
    EXPECT_THAT(report.value().text, HasSubstr(check));
}

}  // namespace
}  // namespace sensor
