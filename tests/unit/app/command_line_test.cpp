#include "sensor/app/command_line.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

namespace sensor {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Command parse(std::vector<const char*> args) {
  args.insert(args.begin(), "sensor");
  return parse_command_line(static_cast<int>(args.size()), args.data());
}
Config config(std::vector<const char*> args) {
  const Command c = parse(std::move(args));
  if (const auto* e = std::get_if<ExitCommand>(&c)) {
    ADD_FAILURE() << e->text;
    return {};
  }
  return std::get<RunCommand>(c).config;
}
ExitCommand leave(std::vector<const char*> args) {
  const Command c = parse(std::move(args));
  const auto* e = std::get_if<ExitCommand>(&c);
  return e != nullptr ? *e : ExitCommand{-1, "would run"};
}

TEST(CommandLine, Dpdk) {
  const Config c = config({"--dpdk", "-l 1-2 --vdev=net_null0", "--set", "dpdk.ports=net_null0", "--set", "dpdk.mtu=1500"});
  EXPECT_EQ(c.dpdk_eal, "-l 1-2 --vdev=net_null0");
  EXPECT_EQ(c.dpdk_ports, "net_null0");
  EXPECT_EQ(c.dpdk_mtu, 1500u);
  EXPECT_EQ(config({"--set", "dpdk.eal=-l 1", "-i", "eth0"}).dpdk_eal, "") << "the command line wins";
  EXPECT_EQ(config({"--set", "input.interface=eth0", "--dpdk", "-l 1"}).interfaces, "");
  EXPECT_EQ(config({"--set", "dpdk.eal=-l 1", "-r", "x"}).dpdk_eal, "");
  EXPECT_THAT(leave({"--dpdk", "-l 1", "-i", "eth0"}).text, HasSubstr("exclude each other"));
  EXPECT_THAT(leave({"--set", "dpdk.eal=-l 1", "--set", "input.interface=eth0"}).text, HasSubstr("exclude each other"));
}

TEST(CommandLine, Replay) {
  const Config c = config({"--pcap", "a.pcap", "b.pcap", "-C", "--workers", "4", "--filter", "tcp", "--log-format", "both", "--uid-seed",
                           "7", "--duration", "2.5", "--quiet", "--set", "flow.capacity=2000"});
  EXPECT_THAT(c.pcap_files, ElementsAre("a.pcap", "b.pcap"));
  EXPECT_TRUE(c.ignore_checksums);
  EXPECT_EQ(c.workers, 4u);
  EXPECT_EQ(c.filter, "tcp");
  EXPECT_EQ(c.log_format, LogFormats::Both);
  EXPECT_EQ(c.session.uid_seed, 7u);
  EXPECT_EQ(c.duration_ns, 2'500'000'000);
  EXPECT_TRUE(c.quiet);
  EXPECT_EQ(c.session.flow.capacity, 2000u);
}

TEST(CommandLine, Live) {
  const Config c = config({"-i", "eth0,eth1", "--set", "capture.fanout=bpf", "--set", "capture.timestamps=hardware"});
  EXPECT_EQ(c.interfaces, "eth0,eth1");
  EXPECT_EQ(c.fanout, Fanout::Bpf);
  EXPECT_EQ(c.timestamps, TimestampSource::Hardware);
  EXPECT_FALSE(c.uid_seed_set);
  EXPECT_THAT(leave({"-i", "eth0", "-r", "x"}).text, HasSubstr("exclude"));
  EXPECT_THAT(leave({"-i", "eth0", "--set", "capture.fanout=magic"}).text, HasSubstr("hash, bpf, cpu, qm"));
  EXPECT_EQ(config({"--dpdk", "-l 1", "--set", "dpdk.idle=interrupt"}).dpdk_idle, IdleMode::Interrupt);
  EXPECT_THAT(leave({"--dpdk", "-l 1", "--set", "dpdk.idle=spin"}).text, HasSubstr("'spin' is not known; choose sleep, interrupt"));
  setenv("SENSOR_INTERFACE", "eth7", 1);
  EXPECT_EQ(config({}).interfaces, "eth7");
  EXPECT_EQ(config({"-r", "x"}).interfaces, "") << "files were asked for";
  unsetenv("SENSOR_INTERFACE");
}

TEST(CommandLine, ShortFormOfPcap) {
  EXPECT_THAT(config({"-r", "-"}).pcap_files, ElementsAre("-"));
}

TEST(CommandLine, EnvironmentLosesToTheCommandLine) {
  setenv("SENSOR_LOG_DIR", "/from/env", 1);
  EXPECT_EQ(config({"-r", "x"}).log_dir, "/from/env");
  EXPECT_EQ(config({"-r", "x", "--log-dir", "here"}).log_dir, "here");
  unsetenv("SENSOR_LOG_DIR");
}

TEST(CommandLine, UsageErrorsLeaveWithTwo) {
  EXPECT_EQ(leave({}).status, 2);
  EXPECT_THAT(leave({}).text, HasSubstr("--pcap"));
  EXPECT_EQ(leave({"--no-such-option"}).status, 2);
  EXPECT_THAT(leave({"-r", "x", "--log-format", "xml"}).text, HasSubstr("xml"));
  EXPECT_THAT(leave({"-r", "x", "--set", "novalue"}).text, HasSubstr("KEY=VALUE"));
  EXPECT_EQ(leave({"-r", "x", "--workers", "1000"}).status, 2);
  EXPECT_EQ(leave({"check-config", "/nowhere.toml"}).status, 2);
}

TEST(CommandLine, TheDoctorWritesToStandardOutput) {
  EXPECT_EQ(leave({"doctor"}).status, 2);
  EXPECT_THAT(leave({"doctor", "nowhere0"}).text, HasSubstr("nowhere0"));
  EXPECT_TRUE(leave({"doctor", "nowhere0"}).is_error);
  EXPECT_FALSE(leave({"doctor", "lo"}).is_error) << "whatever it finds";
}

TEST(CommandLine, HelpFitsAScreenAndVersionSaysWhatIsIn) {
  const ExitCommand help = leave({"--help"});
  EXPECT_EQ(help.status, 0);
  EXPECT_LE(std::ranges::count(help.text, '\n'), 40);
  EXPECT_THAT(help.text, HasSubstr("--pcap"));
  EXPECT_THAT(leave({"version"}).text, HasSubstr("sensor "));
}

}  // namespace
}  // namespace sensor
