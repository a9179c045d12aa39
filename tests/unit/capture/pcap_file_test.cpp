// The pcap variants, several files, filter, errors, life of batches.
#include "sensor/capture/pcap_file.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <atomic>
#include <random>
#include <thread>

#include "replay.h"

namespace sensor::test {
namespace {

using State = PacketSource::State;
using testing::HasSubstr;

TEST(PcapFile, EveryVariant) {
  for (const bool big : {false, true})
    for (const uint32_t magic : {0xa1b2c3d4u, 0xa1b23c4du, 0xa1b2cd34u})
      for (const uint16_t minor : {0, 2, 3, 4}) {
        const PcapShape shape{.big_endian = big, .magic = magic, .link = 113, .minor = minor};
        const Replay r =
            replay_bytes(pcap_header(shape) + pcap_record(10, 500, "first", 0, shape) + pcap_record(4000000000, 999, "2nd", 90, shape));
        SCOPED_TRACE(testing::Message() << std::hex << magic << (big ? " big" : " little") << " 2." << minor);
        ASSERT_EQ(r.state, State::Finished) << r.error.message;
        ASSERT_EQ(r.packets.size(), 2u);
        const int64_t unit = magic == 0xa1b23c4d ? 1 : 1000;
        EXPECT_EQ(r.packets[0].data, "first");
        EXPECT_EQ(r.packets[0].ts_ns, 10 * kSecond + 500 * unit);
        EXPECT_EQ(r.packets[0].wire_len, 5u);
        EXPECT_EQ(r.packets[0].link, 113u);
        EXPECT_EQ(r.packets[1].data, "2nd");
        EXPECT_EQ(r.packets[1].ts_ns, 4000000000 * kSecond + 999 * unit) << "seconds are unsigned: times after 2038";
        EXPECT_EQ(r.packets[1].wire_len, 90u);
        EXPECT_EQ(r.cut, 1u);
        EXPECT_EQ(r.bytes, 8u);
      }
}

TEST(PcapFile, Version23TakesLengthsInEitherOrder) {
  const PcapShape shape{.minor = 3};
  const std::string swapped = ByteWriter().u32(1).u32(0).u32(60).u32(4).raw("data").str();
  const Replay r = replay_bytes(pcap_header(shape) + swapped + pcap_record(2, 0, "abc", 70, shape));
  ASSERT_EQ(r.packets.size(), 2u) << r.error.message;
  EXPECT_EQ(r.packets[0].data, "data");
  EXPECT_EQ(r.packets[0].wire_len, 60u);
  EXPECT_EQ(r.packets[1].data, "abc");
  EXPECT_EQ(r.packets[1].wire_len, 70u);
}

TEST(PcapFile, LinkTypeLeavesOutTheUpperBits) {
  EXPECT_EQ(replay_bytes(pcap_header({.link = 0xf4000001}) + pcap_record(1, 0, "x")).packets.at(0).link, 1u);
  EXPECT_EQ(replay_bytes(pcap_header({.link = 0x01000001}) + pcap_record(1, 0, "x")).packets.at(0).link, 65535u);
}

std::vector<LinkType> links(std::vector<uint16_t> types) {
  std::vector<LinkType> v;
  for (const uint16_t t : types) v.push_back(static_cast<LinkType>(t));
  return v;
}

TEST(PcapFile, LinkTypesThatLibpcapCannotFilter) {
  const auto of = [](uint32_t link) { return replay_bytes(pcap_header({.link = link}) + pcap_record(1, 0, "x")).unfilterable_at_start; };
  for (const uint16_t link : {195, 227, 230, 149, 999}) EXPECT_EQ(of(link), links({link}));
  for (const uint32_t link : {0, 1, 9, 101, 105, 113, 127, 228, 276}) EXPECT_EQ(of(link), links({})) << link;
  EXPECT_EQ(of(239), links({})) << "NFLOG";
  const TempDir dir;
  const auto file = [&](const std::string& name, uint32_t link) { return dir.write(name, pcap_header({.link = link})); };
  EXPECT_EQ(replay({file("a", 195), file("b", 1), file("c", 227), file("d", 195)}).unfilterable, links({195, 227}));
  EXPECT_EQ(replay({file("e", 1)}, "ip").unfilterable, links({}));
}

TEST(PcapFile, PacketLongerThanItsSnapshotLengthIsCut) {
  const Replay r = replay_bytes(pcap_header({.snaplen = 3}) + pcap_record(1, 0, "abcdef") + pcap_record(2, 0, "xy"));
  ASSERT_EQ(r.packets.size(), 2u);
  EXPECT_EQ(r.packets[0].data, "abc");
  EXPECT_EQ(r.packets[0].wire_len, 6u);
  EXPECT_EQ(r.packets[1].data, "xy");
  EXPECT_EQ(r.cut, 1u);
  EXPECT_EQ(replay_bytes(pcap_header({.snaplen = 0}) + pcap_record(1, 0, "abcdef")).all(), "abcdef|") << "0: no limit";
}

TEST(PcapFile, TheLongestPacketAndOneMore) {
  const std::string longest(256 << 10, 'p');
  const PcapShape shape{.snaplen = 0};
  const Replay ok = replay_bytes(pcap_header(shape) + pcap_record(1, 0, longest));
  ASSERT_EQ(ok.state, State::Finished);
  EXPECT_EQ(ok.packets.at(0).data.size(), longest.size());
  const Replay bad = replay_bytes(pcap_header(shape) + pcap_record(1, 0, "fine") + pcap_record(1, 0, longest + "q"));
  EXPECT_EQ(bad.all(), "fine|");
  ASSERT_EQ(bad.state, State::Failed);
  EXPECT_THAT(bad.error.message, HasSubstr("packet length of 262145 bytes"));
  EXPECT_THAT(bad.error.message, HasSubstr("at byte 44, after 1 packets"));
}

TEST(PcapFile, TruncationAtEveryByte) {
  const std::string whole = pcap_header() + pcap_record(1, 0, "first") + pcap_record(2, 0, "") + pcap_record(3, 0, "third");
  for (size_t n = 0; n <= whole.size(); n++) {
    const Replay r = replay_bytes(std::string_view(whole).substr(0, n));
    SCOPED_TRACE(n);
    ASSERT_TRUE(r.opened) << "a beginning of a capture is damaged, not foreign: " << r.error.message;
    const bool clean = n == 24 || n == 45 || n == 61 || n == 82;
    EXPECT_EQ(r.state, clean ? State::Finished : State::Failed);
    EXPECT_EQ(r.packets.size(), (n >= 45) + (n >= 61) + (n >= 82));
    if (!clean) {
      EXPECT_EQ(r.error.kind, Error::RunTime);
    }
  }
}

TEST(PcapFile, EmptyFile) {
  const Replay r = replay_bytes("");
  ASSERT_TRUE(r.opened);
  EXPECT_EQ(r.state, State::Failed);
  EXPECT_THAT(r.error.message, HasSubstr("is empty"));
}

TEST(PcapFile, WhatIsWrongIsSaidBeforeAnythingIsRead) {
  const TempDir dir;
  const std::string good = dir.write("good.pcap", pcap_header() + pcap_record(1, 0, "x"));
  const auto refusal = [&](std::vector<std::string> files, std::string filter = {}) {
    const Replay r = replay(std::move(files), std::move(filter));
    EXPECT_FALSE(r.opened);
    EXPECT_EQ(r.error.kind, Error::Usage);
    return r.error.message;
  };
  EXPECT_THAT(refusal({}), HasSubstr("no capture file"));
  EXPECT_THAT(refusal({good, dir.path("none.pcap")}), HasSubstr("No such file"));
  EXPECT_THAT(refusal({good, dir.path()}), HasSubstr("is a directory"));
  EXPECT_THAT(refusal({"-", "-"}), HasSubstr("twice"));
  EXPECT_THAT(refusal({good, dir.write("t", "just text, really")}), HasSubstr("6a 75 73 74"));
  EXPECT_THAT(refusal({dir.write("xz", std::string("\xfd"
                                                   "7zXZ\0......",
                                                   12))}),
              HasSubstr("xz -d"));
  EXPECT_THAT(refusal({dir.write("gz", gzip("no capture in here"))}), HasSubstr("is not a capture file"));
  EXPECT_THAT(refusal({dir.write("v", pcap_header({.major = 3}))}), HasSubstr("version 3.4"));
  EXPECT_THAT(refusal({dir.write("o", ng_block(0x0a0d0d0a, "\x01\x02\x03\x04"))}), HasSubstr("byte-order magic"));
  EXPECT_THAT(refusal({good}, "port and port"), HasSubstr("port and port"));
  EXPECT_THAT(refusal({dir.write("empty", "")}, "tcp tcp tcp"), HasSubstr("tcp tcp tcp"));
  const std::string raw_ip = dir.write("raw", pcap_header({.link = 101}));
  EXPECT_THAT(refusal({raw_ip}, "ether host 00:00:5e:00:53:01"), HasSubstr("link type 101"));
  EXPECT_TRUE(replay({raw_ip}, "tcp port 80").opened);
}

TEST(PcapFile, SeveralFilesAndDamageInTheMiddle) {
  const TempDir dir;
  const std::string a = dir.write("a", pcap_header() + pcap_record(1, 0, "a"));
  const std::string cut = dir.write("cut", (pcap_header() + pcap_record(2, 0, "b") + pcap_record(3, 0, "lost")).substr(0, 50));
  const std::string c = dir.write("c", gzip(ng_section() + ng_interface() + ng_packet(0, 4000000, "c")));
  const Replay r = replay({a, cut, c});
  EXPECT_EQ(r.all(), "a|b|c|") << "the files after a damaged one are read";
  ASSERT_EQ(r.state, State::Failed);
  EXPECT_THAT(r.error.message, HasSubstr("cut' breaks off at byte 41, after 1 packets"));
  EXPECT_EQ(r.progress.files_done, 3u);
  EXPECT_EQ(r.progress.bytes_read + 9, r.progress.bytes_total) << "the 9 bytes of the broken record stay unread";
  const Replay twice = replay({cut, a, cut});
  EXPECT_THAT(twice.error.message, HasSubstr("2 of 3 files failed"));
}

TEST(PcapFile, FileThatGoesAwayAfterOpening) {
  const TempDir dir;
  const std::string a = dir.write("a", pcap_header() + pcap_record(1, 0, "a"));
  auto source = PcapFileSource::open({.files = {a}, .filter = {}});
  ASSERT_TRUE(source);
  std::filesystem::remove(a);
  while (source.value()->state() == State::Running) (void)source.value()->poll();
  EXPECT_EQ(source.value()->state(), State::Failed);
  EXPECT_THAT(source.value()->error().message, HasSubstr("No such file"));
}

/// A minimal Ethernet/IPv4/UDP packet to a port.
std::string udp(uint16_t port) {
  return ByteWriter(true)
      .raw(std::string(12, 'm'))
      .u16(0x0800)
      .raw(std::string("\x45\0\0\x1c\0\0\0\0\x40\x11\0\0", 12))
      .u32(0xc0000201)
      .u32(0xc0000202)
      .u16(1024)
      .u16(port)
      .u16(8)
      .u16(0)
      .str();
}

TEST(PcapFile, Filter) {
  std::string file = pcap_header();
  for (uint16_t port = 1; port <= 200; port++) file += pcap_record(port, 0, udp(port));
  const Replay r = replay_bytes(file, "udp dst port 7 or udp dst port 190");
  ASSERT_EQ(r.packets.size(), 2u);
  EXPECT_EQ(r.packets[0].ts_ns, 7 * kSecond);
  EXPECT_EQ(r.packets[1].data, udp(190));
  EXPECT_EQ(r.filtered, 198u);
  EXPECT_EQ(replay_bytes(file, "tcp").packets.size(), 0u);
  EXPECT_EQ(replay_bytes(file, "  ").packets.size(), 200u);
}

TEST(PcapFile, FilterFitsEachLinkType) {
  const std::string ip = udp(53).substr(14);
  const std::string file = ng_section() + ng_interface(1) + ng_packet(0, 1, udp(53)) + ng_packet(0, 2, udp(54)) + ng_interface(101) +
                           ng_packet(1, 3, ip) + ng_packet(0, 4, udp(53));
  const Replay r = replay_bytes(file, "udp port 53");
  EXPECT_EQ(r.packets.size(), 3u);
  const Replay proto = replay_bytes(file, "ether proto 0x0800");
  EXPECT_EQ(proto.packets.size(), 4u) << "libpcap gives 'ether proto' a meaning on raw IP";
  const Replay mac = replay_bytes(file, "ether src 6d:6d:6d:6d:6d:6d");
  EXPECT_EQ(mac.state, State::Failed);
  EXPECT_THAT(mac.error.message, HasSubstr("link type 101"));
}

TEST(PcapFile, BatchesLiveUntilTheyEnd) {
  const TempDir dir;
  std::mt19937 rng(1);
  std::string plain = pcap_header();
  std::vector<std::string> expected;
  for (uint32_t i = 0; i < 10'000; i++) {
    expected.push_back(std::string(rng() % 1500, static_cast<char>('a' + i % 26)) + std::to_string(i));
    plain += pcap_record(i, 0, expected.back());
  }
  for (const auto& path : {dir.write("plain", plain), dir.write("gz", gzip(plain)), dir.write("zst", zstd(plain))}) {
    auto source = PcapFileSource::open({.files = {path}, .filter = {}});
    ASSERT_TRUE(source);
    std::vector<PacketBatch> held;
    while (source.value()->state() == State::Running) {
      PacketBatch b = source.value()->poll();
      if (!b.empty()) held.push_back(std::move(b));
    }
    size_t i = 0;
    for (const auto& b : held)
      for (const auto& p : b.packets()) ASSERT_EQ(as_chars(p.data), expected[i++]);
    EXPECT_EQ(i, expected.size());
    // Ended by other threads, out of order.
    std::thread odd([&] {
      for (size_t k = 1; k < held.size(); k += 2) held[k] = {};
    });
    for (size_t k = 0; k < held.size(); k += 2) held[k] = {};
    odd.join();
  }
}

/// A capture with a packet at each of the given seconds, whose bytes are `name` and the second.
std::string packets_at(std::string_view name, std::initializer_list<uint32_t> seconds) {
  std::string file = pcap_header();
  for (const uint32_t s : seconds) file += pcap_record(s, 0, std::string(name) + std::to_string(s));
  return file;
}

TEST(PcapFile, SeveralFilesAreOneStreamInTheOrderOfTime) {
  const TempDir dir;
  const auto late = dir.write("late", packets_at("l", {20, 21, 22}));
  const auto early = dir.write("early", packets_at("e", {1, 2, 10}));
  const auto beside = dir.write("beside", gzip(packets_at("b", {3, 20, 30})));
  const auto nothing = dir.write("nothing", pcap_header());
  const std::string merged = "e1|e2|b3|e10|b20|l20|l21|l22|b30|";
  EXPECT_EQ(replay({early, beside, late, nothing}).all(), merged);
  EXPECT_EQ(replay({late, nothing, beside, early}).all(), merged);
  EXPECT_EQ(replay({late, early}, "len = 2 or len = 3").all(), "e1|e2|e10|l20|l21|l22|");
  // Within a file the order of its packets stays, also where time goes back.
  EXPECT_EQ(replay({dir.write("back", packets_at("x", {5, 1, 7})), early}).all(), "e1|e2|x5|x1|x7|e10|");
}

TEST(PcapFile, MoreOverlappingFilesThanCanBeOpenLoseNothing) {
  const TempDir dir;
  std::vector<std::string> files;
  for (size_t i = 0; i < PcapFileSource::kMaxOpenFiles + 20; i++) files.push_back(dir.write(std::to_string(i), packets_at("p", {1, 2, 3})));
  const Replay r = replay(files);
  EXPECT_EQ(r.state, State::Finished);
  EXPECT_EQ(r.packets.size(), 3 * files.size());
  EXPECT_EQ(r.progress.files_done, files.size());
}

TEST(PcapFile, BatchesOutAreBounded) {
  std::string file = pcap_header();
  const size_t packets = (PcapFileSource::kMaxBatchesOut + 3) * PcapFileSource::kBurst;
  for (size_t i = 0; i < packets; i++) file += pcap_record(static_cast<uint32_t>(i), 0, "x");
  const TempDir dir;
  auto source = PcapFileSource::open({.files = {dir.write("many", file)}, .filter = {}});
  ASSERT_TRUE(source);
  std::vector<PacketBatch> held;
  while (true) {
    PacketBatch b = source.value()->poll();
    if (b.empty()) break;
    held.push_back(std::move(b));
  }
  EXPECT_EQ(held.size(), PcapFileSource::kMaxBatchesOut);
  EXPECT_EQ(source.value()->state(), State::Running) << "not the end, only nothing now";
  held.pop_back();
  EXPECT_EQ(source.value()->poll().packets().size(), PcapFileSource::kBurst);
}

TEST(PcapFile, StreamBuffersOutAreBounded) {
  const TempDir dir;
  std::string file = pcap_header({.snaplen = 0});
  for (uint32_t i = 0; i < 300; i++) file += pcap_record(i, 0, std::string(200 << 10, 'z'));
  auto source = PcapFileSource::open({.files = {dir.write("big", gzip(file))}, .filter = {}});
  ASSERT_TRUE(source);
  std::vector<PacketBatch> held;
  size_t seen = 0, idle = 0;
  while (source.value()->state() == State::Running) {
    PacketBatch b = source.value()->poll();
    seen += b.packets().size();
    if (b.empty()) {
      idle++;
      held.clear();
    } else {
      held.push_back(std::move(b));
    }
  }
  EXPECT_EQ(seen, 300u);
  EXPECT_GT(idle, 1u) << "60 MB do not fit into the buffers of a stream";
}

TEST(PcapFile, FileThatIsCutWhileItIsReadFails) {
  const TempDir dir;
  std::string file = pcap_header();
  for (uint32_t i = 0; i < 3000; i++) file += pcap_record(i, 0, std::string(1000, 's'));
  const std::string path = dir.write("shrinks", file);
  auto source = PcapFileSource::open({.files = {path}, .filter = {}});
  ASSERT_TRUE(source);
  ASSERT_FALSE(source.value()->poll().empty());
  std::filesystem::resize_file(path, 2 << 20);
  while (source.value()->state() == State::Running) (void)source.value()->poll();
  EXPECT_EQ(source.value()->state(), State::Failed);
  EXPECT_THAT(source.value()->error().message, HasSubstr("something cuts it"));
}

TEST(PcapFile, PipeGivesWhatIsWhole) {
  const TempDir dir;
  const std::string fifo = dir.path("fifo");
  ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
  const std::string file = pcap_header() + pcap_record(1, 0, "early") + pcap_record(2, 0, "late");
  auto source = PcapFileSource::open({.files = {fifo}, .filter = "len >= 0"});
  ASSERT_TRUE(source) << source.error().message;
  std::atomic<bool> first_seen{false};
  std::thread writer([&] {
    const int fd = ::open(fifo.c_str(), O_WRONLY);
    EXPECT_EQ(::write(fd, file.data(), 50), 50);
    while (!first_seen) std::this_thread::yield();
    EXPECT_EQ(::write(fd, file.data() + 50, file.size() - 50), static_cast<ssize_t>(file.size() - 50));
    ::close(fd);
  });
  std::string all;
  while (source.value()->state() == State::Running) {
    const PacketBatch b = source.value()->poll();
    for (const auto& p : b.packets()) all += std::string(as_chars(p.data)) + "|";
    if (!b.empty()) first_seen = true;
  }
  writer.join();
  EXPECT_EQ(all, "early|late|") << "the first packet came before the second was written";
  EXPECT_EQ(source.value()->state(), State::Finished);
  EXPECT_EQ(source.value()->progress().bytes_total, 0u);
}

}  // namespace
}  // namespace sensor::test
