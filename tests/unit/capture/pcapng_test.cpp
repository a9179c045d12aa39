// pcapng: sections, interfaces, clocks, block types, damage.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "replay.h"

namespace sensor::test {
namespace {

using State = PacketSource::State;
using testing::HasSubstr;

TEST(Pcapng, BlocksOfEveryKindAndSectionsOfEitherOrder) {
  const std::string file = ng_section(true) + ng_interface(113, 0, {}, true) + ng_packet(0, 1500000, "big", 99, true) +
                           ng_block(0x12345678, "unknown, skipped", true) + ng_section() + ng_interface(1, 4) + ng_interface(101) +
                           ng_packet(1, 2, "raw") + ng_old_packet(0, 3000000, "old") + ng_simple_packet("four", 44) +
                           ng_block(5, std::string(100, 's')) + ng_packet(0, 4, "");
  const Replay r = replay_bytes(file);
  ASSERT_EQ(r.state, State::Finished) << r.error.message;
  ASSERT_EQ(r.packets.size(), 5u);
  EXPECT_EQ(r.all(), "big|raw|old|four||");
  EXPECT_EQ(r.packets[0].ts_ns, 1500 * kMillisecond);
  EXPECT_EQ(r.packets[0].wire_len, 99u);
  EXPECT_EQ(r.packets[0].link, 113u);
  EXPECT_EQ(r.packets[1].link, 101u);
  EXPECT_EQ(r.packets[2].link, 1u);
  EXPECT_EQ(r.packets[2].ts_ns, 3 * kSecond);
  EXPECT_EQ(r.packets[3].ts_ns, 0) << "a simple packet has no time";
  EXPECT_EQ(r.packets[3].wire_len, 44u);
}

TEST(Pcapng, LinkTypesThatLibpcapCannotFilter) {
  const Replay r = replay_bytes(ng_section() + ng_interface(1) + ng_interface(195) + ng_packet(0, 1, "x") + ng_interface(227) +
                                ng_packet(2, 2, "y") + ng_section() + ng_interface(195) + ng_packet(0, 3, "z"));
  EXPECT_EQ(r.unfilterable_at_start, std::vector{LinkType{195}});
  EXPECT_EQ(r.unfilterable, (std::vector{LinkType{195}, LinkType{227}}));
}

TEST(Pcapng, NoMoreLinkTypesThanLibpcapKnowsAreLookedAt) {
  std::string file = ng_section();
  for (uint16_t link = 1000; link < 1300; link++) file += ng_interface(link);
  EXPECT_EQ(replay_bytes(file).unfilterable.size(), 256u);
}

TimeNs time_with(std::string_view resolution, std::string_view offset, uint64_t ticks) {
  std::string options;
  if (!resolution.empty()) options += ng_option(9, resolution);
  if (!offset.empty()) options += ng_option(14, offset);
  options += ng_option(0, "") + "after the end of options";
  const Replay r = replay_bytes(ng_section() + ng_interface(1, 0, options) + ng_packet(0, ticks, "t"));
  return r.packets.size() == 1 ? r.packets[0].ts_ns : -1;
}

TEST(Pcapng, Clocks) {
  const auto offset = [](int64_t s) { return ByteWriter().u64(static_cast<uint64_t>(s)).str(); };
  EXPECT_EQ(time_with("", "", 7), 7000);
  EXPECT_EQ(time_with("\x09", "", 1700000000123456789), 1700000000123456789);
  EXPECT_EQ(time_with("\x03", "", 1500), 1500 * kMillisecond);
  EXPECT_EQ(time_with(std::string_view("\0", 1), "", 12), 12 * kSecond);
  EXPECT_EQ(time_with("\x0c", "", 1999999), 1999) << "parts of a nanosecond are cut off";
  EXPECT_EQ(time_with("\x8a", "", 1536), 1500 * kMillisecond) << "ticks of 1/1024 s";
  EXPECT_EQ(time_with("\x80", "", 3), 3 * kSecond);
  EXPECT_EQ(time_with("\xbf", "", uint64_t{1} << 62), 500 * kMillisecond);
  EXPECT_EQ(time_with("", offset(100), 5), 100 * kSecond + 5000);
  EXPECT_EQ(time_with("", offset(-1), 2500000), 1500 * kMillisecond);
  EXPECT_EQ(time_with("", offset(-10), 5), 0) << "before 1970";
  EXPECT_EQ(time_with("", offset(INT64_MAX), 5), int64_t{1} << 62);
  EXPECT_EQ(time_with("", offset(INT64_MIN), ~0ULL), 0);
  EXPECT_EQ(time_with(std::string_view("\0", 1), offset(INT64_MIN), ~0ULL), int64_t{1} << 62);
  EXPECT_EQ(time_with("", "", ~0ULL), int64_t{1} << 62);
  EXPECT_EQ(time_with("\x14", "", 1), -1) << "10^20 ticks a second";
  EXPECT_EQ(time_with("\xc0", "", 1), -1) << "2^64 ticks a second";
}

TEST(Pcapng, TruncationAtEveryByte) {
  const std::vector<std::string> blocks = {ng_section(), ng_interface(), ng_packet(0, 1, "first"), ng_block(99, "skipped"),
                                           ng_packet(0, 2, "2")};
  std::string whole;
  std::vector<size_t> ends;
  for (const auto& b : blocks) ends.push_back((whole += b).size());
  for (size_t n = 0; n <= whole.size(); n++) {
    const Replay r = replay_bytes(std::string_view(whole).substr(0, n));
    SCOPED_TRACE(n);
    ASSERT_TRUE(r.opened) << r.error.message;
    EXPECT_EQ(r.state, std::ranges::find(ends, n) != ends.end() ? State::Finished : State::Failed) << r.error.message;
    EXPECT_EQ(r.packets.size(), (n >= ends[2]) + (n >= ends[4]));
  }
}

TEST(Pcapng, Damage) {
  const std::string start = ng_section() + ng_interface() + ng_packet(0, 1, "good");
  const auto problem = [&](std::string_view next) {
    const Replay r = replay_bytes(start + std::string(next) + ng_packet(0, 2, "never seen"));
    EXPECT_EQ(r.all(), "good|");
    EXPECT_EQ(r.state, State::Failed);
    EXPECT_EQ(r.error.kind, Error::RunTime);
    return r.error.message;
  };
  EXPECT_THAT(problem(ByteWriter().u32(6).u32(8).u32(8).str()), HasSubstr("length 8"));
  EXPECT_THAT(problem(ByteWriter().u32(6).u32(33).raw(std::string(25, 'x')).str()), HasSubstr("length 33"));
  EXPECT_THAT(problem(ByteWriter().u32(99).u32(0x7ffffffc).u32(0).str()), HasSubstr("length 2147483644"));
  EXPECT_THAT(problem(ByteWriter().u32(99).u32(0).u32(0).str()), HasSubstr("length 0"));
  std::string wrong_trailer = ng_packet(0, 1, "abcd");
  wrong_trailer[wrong_trailer.size() - 4] ^= 4;
  EXPECT_THAT(problem(wrong_trailer), HasSubstr("ends with the length"));
  EXPECT_THAT(problem(ng_packet(1, 1, "x")), HasSubstr("interface 1, and 1 are described"));
  EXPECT_THAT(problem(ng_block(6, "short")), HasSubstr("too short"));
  EXPECT_THAT(problem(ng_block(1, "one")), HasSubstr("too short"));
  EXPECT_THAT(problem(ng_block(3, "")), HasSubstr("too short"));
  EXPECT_THAT(problem(ng_block(6, ByteWriter().u32(0).u64(0).u32(40).u32(40).raw("less").str())), HasSubstr("runs past its block"));
  EXPECT_THAT(problem(ng_block(6, ByteWriter().u32(0).u64(0).u32(0xffffffff).u32(40).raw("less").str())),
              HasSubstr("packet length of 4294967295"));
  EXPECT_THAT(problem(ng_simple_packet("less", 4000)), HasSubstr("runs past its block"));
  EXPECT_THAT(problem(ng_interface(1, 0, ByteWriter().u16(2).u16(5000).str())), HasSubstr("option of length 5000"));
  EXPECT_THAT(problem(ng_block(0x0a0d0d0a, ByteWriter().u32(0x1a2b3c4d).u16(9).u16(0).str())), HasSubstr("version 9.0"));
  EXPECT_THAT(problem(ng_section() + ng_packet(0, 1, "x")), HasSubstr("0 are described")) << "a section forgets interfaces";
  EXPECT_THAT(problem(ng_section() + ng_simple_packet("x")), HasSubstr("before any interface"));
}

TEST(Pcapng, LongUnknownBlocksAreSkippedInStreamsToo) {
  const std::string file = ng_section() + ng_block(10, std::string(5 << 20, 'k')) + ng_interface() + ng_packet(0, 1, "found");
  EXPECT_EQ(replay_bytes(file).all(), "found|");
  EXPECT_EQ(replay_bytes(gzip(file)).all(), "found|");
  const Replay cut = replay_bytes(gzip(file.substr(0, 3 << 20)));
  EXPECT_EQ(cut.state, State::Failed);
  EXPECT_THAT(cut.error.message, HasSubstr("breaks off"));
}

TEST(Compression, WholeCutAndDamaged) {
  std::string plain = pcap_header();
  for (uint32_t i = 0; i < 3000; i++) plain += pcap_record(i, 0, std::to_string(i * 2654435761u) + std::string(i % 700, 'x'));
  const std::string expected = replay_bytes(plain).all();
  EXPECT_EQ(replay_bytes(gzip(plain)).all(), expected);
  EXPECT_EQ(replay_bytes(zstd(plain)).all(), expected);
  const std::string_view half = std::string_view(plain).substr(0, plain.size() / 2),
                         rest = std::string_view(plain).substr(plain.size() / 2);
  EXPECT_EQ(replay_bytes(gzip(half) + gzip(rest) + std::string(100, '\0')).all(), expected) << "members in a row, padding";
  EXPECT_EQ(replay_bytes(zstd(half) + zstd(rest)).all(), expected);
  const std::string skippable = ByteWriter().u32(0x184d2a53).u32(3).raw("abc").str();
  EXPECT_EQ(replay_bytes(skippable + zstd(plain)).all(), expected);
  for (const auto& packed : {gzip(plain), zstd(plain)}) {
    const Replay cut = replay_bytes(packed.substr(0, packed.size() - 20));
    EXPECT_EQ(cut.state, State::Failed);
    EXPECT_THAT(cut.error.message, HasSubstr("data breaks off"));
    EXPECT_EQ(expected.substr(0, cut.all().size()), cut.all());
    std::string broken = packed;
    broken[packed.size() / 2] ^= 0x55;
    const Replay damaged = replay_bytes(broken);
    EXPECT_EQ(damaged.state, State::Failed);
    std::string with_garbage = packed + "garbage";
    const Replay garbage = replay_bytes(with_garbage);
    EXPECT_EQ(garbage.state, State::Failed);
    EXPECT_EQ(garbage.all(), expected);
  }
}

TEST(Compression, TruncationAtEveryByte) {
  const std::string plain = pcap_header() + pcap_record(1, 0, "a packet");
  for (const auto& packed : {gzip(plain), zstd(plain)})
    for (size_t n = 0; n < packed.size(); n++) {
      const Replay r = replay_bytes(std::string_view(packed).substr(0, n));
      if (n >= 4 || n == 0) {
        EXPECT_EQ(r.state, State::Failed) << n;
      } else {
        EXPECT_TRUE(!r.opened || r.state == State::Failed) << n;
      }
    }
}

}  // namespace
}  // namespace sensor::test
