#include <gtest/gtest.h>

#include "dpi/quic/crypto_stream.h"
#include "dpi/quic/initial.h"
#include "dpi/quic/packet.h"
#include "quic_packets.h"
#include "sensor/base/hex.h"
#include "test_certificates.h"

namespace sensor::quic {
namespace {

using test::ByteWriter;

// RFC 9001 appendix A.1 and RFC 9369 appendix A.1.
TEST(QuicKeys, VectorsOfTheSpecification) {
  const auto id = test::from_hex("8394c8f03e515708");
  const InitialKeys client = derive_initial_keys(version::k1, id, true);
  EXPECT_EQ(hex(client.key), "1f369613dd76d5467730efcbe3b1a22d");
  EXPECT_EQ(hex(client.iv), "fa044b2f42a3fd3b46fb255c");
  EXPECT_EQ(hex(client.header_key), "9f50449e04a0e810283a1e9933adedd2");
  const InitialKeys server = derive_initial_keys(version::k1, id, false);
  EXPECT_EQ(hex(server.key), "cf3a5331653c364c88f0f379b6067e37");
  EXPECT_EQ(hex(server.header_key), "c206b8d9b9f0f37644430b490eeaa314");
  const InitialKeys v2 = derive_initial_keys(version::k2, id, true);
  EXPECT_EQ(hex(v2.key), "8b1a0bc121284290a29e0971b5cd045d");
  EXPECT_EQ(hex(v2.iv), "91f73e2351d8fa91660e909f");
}

TEST(QuicNames, Versions) {
  EXPECT_EQ(version_name(1), "1");
  EXPECT_EQ(version_name(version::k2), "quicv2");
  EXPECT_EQ(version_name(0xff00001d), "draft-29");
  EXPECT_EQ(version_name(0xfaceb002), "mvfst (faceb002)");
  EXPECT_EQ(version_name(0x51303530), "unknown-51303530");
  EXPECT_FALSE(is_known_version(0));
}

class Initial : public testing::TestWithParam<uint32_t> {};

TEST_P(Initial, OpensWhatWasSealed) {
  test::InitialSpec spec{.version = GetParam(), .destination = std::vector<uint8_t>(8, 1), .source = {}, .key_id = {}, .token = {7, 7}};
  spec.key_id = spec.destination;
  const ByteWriter frames = test::crypto_frame(0, ByteWriter().zeros(50, 9));
  const auto bytes = test::initial_packet(spec, frames);
  ByteReader r(bytes);
  Packet p;
  ASSERT_TRUE(parse_packet(r, 0, p));
  EXPECT_TRUE(r.empty());
  ASSERT_EQ(p.type, PacketType::Initial);
  std::vector<uint8_t> payload;
  ASSERT_TRUE(open_initial(p, derive_initial_keys(GetParam(), spec.key_id, true), payload));
  EXPECT_EQ(payload, frames.get());
  EXPECT_FALSE(open_initial(p, derive_initial_keys(GetParam(), spec.key_id, false), payload)) << "the other direction's keys";
}

INSTANTIATE_TEST_SUITE_P(Versions, Initial,
                         testing::Values(version::k1, version::k2, version::kDraft22, version::kDraft28, version::kDraft29,
                                         version::kDraft34, version::kMvfst1, version::kMvfst2));

TEST(QuicPacket, EveryPrefixOfAnInitial) {
  test::InitialSpec spec{.destination = std::vector<uint8_t>(8, 1), .source = {2}, .key_id = std::vector<uint8_t>(8, 1), .token = {}};
  const auto bytes = test::initial_packet(spec, ByteWriter().zeros(30));
  for (size_t n = 0; n < bytes.size(); n++) {
    const std::vector<uint8_t> exact(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(n));
    ByteReader r(exact);
    Packet p;
    EXPECT_FALSE(parse_packet(r, 0, p)) << n;
  }
}

TEST(QuicPacket, SeveralInADatagram) {
  ByteWriter datagram;
  datagram.bytes(test::long_header(0xd0, 1, {}, {})).bytes(test::varint(5)).zeros(5);  // 0-RTT
  datagram.bytes(test::long_header(0xe0, 1, {}, {})).bytes(test::varint(6)).zeros(6);  // Handshake
  datagram.bytes(test::long_header(0x90, version::k2, {}, {})).u8(0).zeros(3);         // without the fixed bit
  ByteReader r(datagram);
  Packet p;
  ASSERT_TRUE(parse_packet(r, 0, p));
  EXPECT_EQ(p.type, PacketType::ZeroRtt);
  ASSERT_TRUE(parse_packet(r, 0, p));
  EXPECT_EQ(p.type, PacketType::Handshake);
  ASSERT_TRUE(parse_packet(r, 0, p));
  EXPECT_EQ(p.type, PacketType::Discarded);
  EXPECT_TRUE(r.empty());
}

TEST(QuicPacket, TypesOfVersionTwo) {
  const ByteWriter retry = test::long_header(0xc0, version::k2, {}, {}).zeros(16);
  ByteReader r(retry);
  Packet p;
  ASSERT_TRUE(parse_packet(r, 0, p));
  EXPECT_EQ(p.type, PacketType::Retry);
  const ByteWriter short_retry = test::long_header(0xc0, version::k2, {}, {}).zeros(15);
  ByteReader shorter(short_retry);
  EXPECT_FALSE(parse_packet(shorter, 0, p));
}

TEST(QuicPacket, ShortHeader) {
  const ByteWriter bytes = ByteWriter().u8(0x40).zeros(8);
  Packet p;
  ByteReader r(bytes);
  ASSERT_TRUE(parse_packet(r, 8, p));
  EXPECT_EQ(p.type, PacketType::Short);
  EXPECT_TRUE(r.empty());
  ByteReader too_short(bytes);
  EXPECT_FALSE(parse_packet(too_short, 9, p));
}

TEST(QuicFrames, ReadsThoseOfInitialPackets) {
  ByteWriter payload;
  payload.zeros(3).u8(1);                                   // padding, ping
  payload.u8(2).u8(9).u8(0).u8(1).u8(0).u8(0).u8(0);        // ack with one further range
  payload.u8(3).u8(9).u8(0).u8(0).u8(0).u8(1).u8(2).u8(3);  // ack with ECN counts
  payload.bytes(test::crypto_frame(70'000, as_bytes("abc")));
  payload.u8(0x1c).u8(0).u8(6).u8(2).text("no");
  ByteReader r(payload);
  std::vector<FrameType> types;
  Frame f;
  while (!r.empty()) {
    ASSERT_TRUE(parse_frame(r, f));
    types.push_back(f.type);
    if (f.type == FrameType::Crypto) {
      EXPECT_EQ(f.offset, 70'000u);
      EXPECT_EQ(as_chars(f.data), "abc");
    }
  }
  EXPECT_EQ(types.size(), 6u);
  EXPECT_EQ(types.back(), FrameType::ConnectionClose);
}

TEST(QuicFrames, RefusesOthersAndTruncatedOnes) {
  const auto parse = [](Bytes b) {
    ByteReader r(b);
    Frame f;
    return parse_frame(r, f);
  };
  EXPECT_FALSE(parse(ByteWriter().u8(0x08).zeros(9))) << "streams are not for Initial packets";
  EXPECT_FALSE(parse(ByteWriter().u8(2).u8(0).u8(0).u32(0xbfffffff).u8(0))) << "more ranges than bytes";
  const ByteWriter crypto = test::crypto_frame(0, as_bytes("abc"));
  for (size_t n = 0; n < crypto.get().size(); n++) EXPECT_FALSE(parse(Bytes(crypto).first(n))) << n;
}

class Crypto : public testing::Test {
 protected:
  CryptoStream::Verdict add(size_t from, size_t n) { return stream_.add(from, Bytes(message_).subspan(from, n)); }

  std::vector<uint8_t> message_ = test::handshake_message(1, ByteWriter().zeros(96, 5)).get();
  CryptoStream stream_;
};

TEST_F(Crypto, PiecesInAnyOrder) {
  EXPECT_EQ(add(60, 40), CryptoStream::Verdict::NeedMore);
  EXPECT_EQ(add(1, 1), CryptoStream::Verdict::NeedMore);
  EXPECT_EQ(add(20, 30), CryptoStream::Verdict::NeedMore);
  EXPECT_EQ(add(45, 20), CryptoStream::Verdict::NeedMore);
  EXPECT_EQ(add(2, 18), CryptoStream::Verdict::NeedMore);
  ASSERT_EQ(add(0, 1), CryptoStream::Verdict::Complete);
  EXPECT_TRUE(std::ranges::equal(stream_.message(), message_));
  EXPECT_FALSE(stream_.overrun());
}

TEST_F(Crypto, MoreThanTheMessage) {
  message_.push_back(0);
  EXPECT_EQ(add(0, message_.size()), CryptoStream::Verdict::Complete);
  EXPECT_TRUE(stream_.overrun());
  EXPECT_EQ(stream_.message().size(), message_.size() - 1);
}

TEST_F(Crypto, TooLong) {
  EXPECT_EQ(stream_.add(1'000'000, message_), CryptoStream::Verdict::NeedMore);
  EXPECT_EQ(stream_.add(0, ByteWriter().u8(1).u24(16'700)), CryptoStream::Verdict::Malformed);
}

}  // namespace
}  // namespace sensor::quic
