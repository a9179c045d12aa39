#include "src/session/icmp_log.h"

#include <gtest/gtest.h>

#include "fake_context.h"

namespace sensor {
namespace {

struct IcmpLogTest : testing::Test {
  void message(uint8_t type, uint16_t sequence, TimeNs ts) {
    DecodedPacket p;
    p.ts_ns = ts;
    p.icmp_type = type;
    p.icmp_rest = 7U << 16 | sequence;
    p.payload_len = 56;
    log.on_message(1, conn, p, ts);
  }
  ConnHeader conn{Time{0}, Uid{1, 1, 'C'}, IpAddress::v4(1), Port{8}, IpAddress::v4(2), Port{0}, ipproto::kIcmp};
  RecordCatcher catcher;
  IcmpLog log{catcher.writer()};
};

TEST_F(IcmpLogTest, RequestAndReplyAreOneRow) {
  message(8, 1, kSecond);
  message(8, 2, 2 * kSecond);
  message(0, 2, 2 * kSecond + 5 * kMillisecond);
  const auto rows = catcher.rows("icmp");
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0].at("ts"), "2.000000");
  EXPECT_EQ(rows[0].at("name"), "echo request");
  EXPECT_EQ(rows[0].at("echo_id"), "7");
  EXPECT_EQ(rows[0].at("echo_seq"), "2");
  EXPECT_EQ(rows[0].at("rtt"), "0.005000");
  EXPECT_EQ(rows[0].at("bytes"), "56");
}

TEST_F(IcmpLogTest, WhatIsNotAnsweredIsWrittenAtTheEnd) {
  message(8, 1, kSecond);
  log.on_remove(1, conn, 60 * kSecond);
  const auto rows = catcher.rows("icmp");
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0].at("rtt"), "-");
  log.on_remove(1, conn, 60 * kSecond);
  EXPECT_EQ(catcher.rows("icmp").size(), 1U) << "written once";
}

TEST_F(IcmpLogTest, AReplyThatNobodyAskedForHasItsOwnRow) {
  message(8, 1, kSecond);
  message(0, 1, 2 * kSecond);
  message(0, 1, 3 * kSecond);
  const auto rows = catcher.rows("icmp");
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[1].at("name"), "echo reply");
  EXPECT_EQ(rows[1].at("ts"), "3.000000");
}

TEST_F(IcmpLogTest, AFloodOfRequestsMakesRoom) {
  for (uint16_t i = 0; i < IcmpLog::kMaxWaiting + 3; i++) message(8, i, kSecond + i);
  const auto rows = catcher.rows("icmp");
  ASSERT_EQ(rows.size(), 3U);
  EXPECT_EQ(rows[0].at("echo_seq"), "0");
}

}  // namespace
}  // namespace sensor
