#include "sensor/base/byte_reader.h"

#include <gtest/gtest.h>

#include <array>

namespace sensor {
namespace {

constexpr std::array<uint8_t, 8> kBytes{1, 2, 3, 4, 5, 6, 7, 8};

TEST(ByteReader, ReadsBothByteOrders) {
  ByteReader r(kBytes);
  EXPECT_EQ(r.u8(), 1);
  EXPECT_EQ(r.u16(), 0x0203);
  EXPECT_EQ(r.u16le(), 0x0504);
  EXPECT_EQ(r.u24(), 0x060708u);
  EXPECT_TRUE(r.ok());
  EXPECT_TRUE(r.empty());
}

TEST(ByteReader, FailureIsStickyAndDoesNotMove) {
  ByteReader r(kBytes);
  r.skip(6);
  EXPECT_EQ(r.u32(), 0u);
  EXPECT_FALSE(r.ok());
  EXPECT_EQ(r.position(), 6u);
  EXPECT_EQ(r.u8(), 0) << "a byte is left, but the reader has failed";
  EXPECT_EQ(r.remaining(), 0u);
}

TEST(ByteReader, SubReaderIsBounded) {
  ByteReader r(kBytes);
  ByteReader s = r.sub(2);
  EXPECT_EQ(s.u32(), 0u);
  EXPECT_FALSE(s.ok());
  EXPECT_TRUE(r.ok());
  EXPECT_EQ(r.u8(), 3);
  EXPECT_FALSE(r.sub(6).ok());
}

TEST(ByteReader, SeekStaysInside) {
  ByteReader r(kBytes);
  r.seek(8);
  EXPECT_TRUE(r.ok());
  r.seek(9);
  EXPECT_FALSE(r.ok());
}

}  // namespace
}  // namespace sensor
