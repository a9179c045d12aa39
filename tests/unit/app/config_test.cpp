#include "sensor/app/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>
#include <set>

#include "sensor/session/protocol_set.h"

namespace sensor {
namespace {

using testing::HasSubstr;

TEST(Config, SetsEveryKindOfValue) {
  Config c;
  ASSERT_TRUE(set_config(c, "flow.capacity", "5000").ok());
  EXPECT_EQ(c.session.flow.capacity, 5000u);
  ASSERT_TRUE(set_config(c, "stats.interval", "90s").ok());
  EXPECT_EQ(c.stats_interval_ns, 90 * kSecond);
  ASSERT_TRUE(set_config(c, "stats.interval", "1.5 min").ok());
  EXPECT_EQ(c.stats_interval_ns, 90 * kSecond);
  ASSERT_TRUE(set_config(c, "label.enabled", "false").ok());
  EXPECT_FALSE(c.session.labels);
  ASSERT_TRUE(set_config(c, "log.dir", "/var/log/sensor").ok());
  EXPECT_EQ(c.log_dir, "/var/log/sensor");
  ASSERT_TRUE(set_config(c, "protocol.off", "ssh, dns").ok());
  EXPECT_EQ(protocol_names(c.session.protocols_off.mask), "dns,ssh");
  ASSERT_TRUE(set_config(c, "protocol.off", "").ok());
  EXPECT_EQ(c.session.protocols_off.mask, 0U);
}

TEST(Config, ErrorsNameKeyValueAndRemedy) {
  Config c;
  EXPECT_THAT(set_config(c, "flow.capacty", "5000").error().message, HasSubstr("the nearest one is 'flow.capacity'"));
  EXPECT_THAT(set_config(c, "flow.capacity", "many").error().message, HasSubstr("'many' is not a whole number"));
  EXPECT_THAT(set_config(c, "flow.capacity", "1").error().message, HasSubstr("between 1024 and"));
  EXPECT_THAT(set_config(c, "stats.interval", "3 fortnights").error().message, HasSubstr("30s, 5min or 1h"));
  EXPECT_THAT(set_config(c, "stats.interval", "0").error().message, HasSubstr("between 1 s"));
  EXPECT_THAT(set_config(c, "label.enabled", "yes").error().message, HasSubstr("true or false"));
  EXPECT_THAT(set_config(c, "protocol.off", "dns,gopher").error().message,
              testing::AllOf(HasSubstr("no protocol 'gopher'"), HasSubstr("dns,"), HasSubstr("ssh")));
  EXPECT_EQ(set_config(c, "nonsense", "1").error().kind, Error::Usage);
}

TEST(Config, KeysAreUniqueAndDescribed) {
  std::set<std::string_view> names;
  for (const ConfigKey& k : config_keys()) {
    EXPECT_TRUE(names.insert(k.name).second) << k.name;
    EXPECT_FALSE(k.doc.empty()) << k.name;
  }
}

TEST(Config, WhatALiveSensorTakesOver) {
  Config running, wanted;
  EXPECT_EQ(describe(take_over(running, wanted)), "read again: nothing changed that can");
  wanted.stats_interval_ns = 7 * kSecond;
  wanted.notices.scan_hosts = 3;
  wanted.assets.hosts = HostChoice::All;
  wanted.workers = 3;
  wanted.session.icmp = false;
  EXPECT_EQ(describe(take_over(running, wanted)),
            "read again: changed notice.scan_hosts, asset.hosts, stats.interval; worker.count, protocol.icmp take a restart");
  EXPECT_EQ(running.stats_interval_ns, 7 * kSecond);
  EXPECT_EQ(running.notices.scan_hosts, 3u);
  EXPECT_EQ(running.assets.hosts, HostChoice::All);
  EXPECT_EQ(running.workers, 0u);
  EXPECT_EQ(describe(take_over(running, wanted)), "read again: nothing changed that can; worker.count, protocol.icmp take a restart");
}

class ConfigFile : public testing::Test {
 protected:
  std::string write(const std::string& text) {
    path_ = testing::TempDir() + "sensor-config-test.toml";
    std::ofstream(path_) << text;
    return path_;
  }
  ~ConfigFile() override { std::remove(path_.c_str()); }
  std::string path_;
};

TEST_F(ConfigFile, ReadsSections) {
  Config c;
  ASSERT_TRUE(load_config(c, write("[flow]\ncapacity = 4096\n[stats]\ninterval = \"30s\"\n[label]\nenabled = false\n")).ok());
  EXPECT_EQ(c.session.flow.capacity, 4096u);
  EXPECT_EQ(c.stats_interval_ns, 30 * kSecond);
  EXPECT_FALSE(c.session.labels);
}

TEST_F(ConfigFile, ErrorsNameTheLine) {
  Config c;
  EXPECT_THAT(load_config(c, write("[flow]\n\ncapacity = true\n")).error().message, HasSubstr("line 3: flow.capacity = 'true'"));
  EXPECT_THAT(load_config(c, write("[flow\n")).error().message, HasSubstr("line 1"));
  EXPECT_THAT(load_config(c, write("list = [1, 2]\n")).error().message, HasSubstr("arrays"));
  EXPECT_FALSE(load_config(c, "/nowhere/sensor.toml").ok());
}

}  // namespace
}  // namespace sensor
