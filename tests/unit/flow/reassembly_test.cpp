// TCP streams against a model: any order, overlap, loss, and wrapping numbers.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <random>

#include "flow_fixture.h"

namespace sensor {
namespace {

using test::FlowStage;
using test::kA;
using test::kF;
using test::kS;

TEST(Reassembly, OutOfOrder) {
  FlowStage s;
  s.handshake().a(kA, 1004, 2001, "def").a(kA, 1010, 2001, "jkl").a(kA, 1001, 2001, "abc");
  EXPECT_EQ(s.seen.streams[0], "abcdef");
  s.a(kA, 1007, 2001, "ghi");
  EXPECT_EQ(s.seen.streams[0], "abcdefghijkl");
  EXPECT_EQ(s.end().conn.missed_bytes, 0U);
}

TEST(Reassembly, FirstCopyWins) {
  FlowStage s;
  s.handshake().a(kA, 1003, 2001, "CC").a(kA, 1006, 2001, "FF").a(kA, 1001, 2001, "xxxxxxxxxx");
  EXPECT_EQ(s.seen.streams[0], "xxCCxFFxxx");
  s.a(kA, 1001, 2001, "yyyyyyyyyyyyyy");
  EXPECT_EQ(s.seen.streams[0], "xxCCxFFxxxyyyy");
}

TEST(Reassembly, EndWaitsForWhatIsMissing) {
  FlowStage s;
  s.handshake().a(kF | kA, 1004, 2001, "def");
  EXPECT_EQ(s.seen.streams[0], "");
  s.a(kA, 1001, 2001, "abc");
  EXPECT_EQ(s.seen.streams[0], "abcdef$");
}

TEST(Reassembly, AcknowledgedHoleIsAGapBeforeTheEnd) {
  FlowStage s;
  s.handshake().a(kF | kA, 1004, 2001, "def").b(kA, 2001, 1008);
  EXPECT_EQ(s.seen.streams[0], "<3>def$");
  s.a(kA, 1001, 2001, "abc");
  EXPECT_EQ(s.seen.streams[0], "<3>def$") << "it is too late";
}

TEST(Reassembly, DataInThePlaceOfAnAcknowledgedFin) {
  FlowStage s;
  s.handshake().a(kF | kA, 1001, 2001, "abc").b(kA, 2001, 1005).a(kA, 1001, 2001, "abcdef");
  EXPECT_EQ(s.seen.streams[0], "abc$def");
}

TEST(Reassembly, NotWantedIsNotKept) {
  FlowStage s;
  s.seen.reads = false;
  s.handshake().a(kA, 1004, 2001, "def").a(kA, 1001, 2001, "abc").a(kA, 1020, 2001, "z").b(kA, 2001, 1021);
  EXPECT_EQ(s.seen.streams[0], "");
  const auto e = s.end();
  EXPECT_EQ(e.conn.missed_bytes, 13U);
  EXPECT_EQ(e.conn.history, "ShADTaG");
}

TEST(CaptureLoss, AcknowledgementsOfWhatWasNotSeen) {
  FlowStage s;
  const auto acks = [&s] { return s.tracker.counters().get(FlowCounter::Acks); };
  const auto above_gaps = [&s] { return s.tracker.counters().get(FlowCounter::AcksAboveGaps); };
  s.handshake();
  EXPECT_EQ(acks(), 0U) << "a SYN is no data";
  s.a(kA, 1001, 2001, "abc").b(kA, 2001, 1004).b(kA, 2001, 1004);
  EXPECT_EQ(acks(), 1U);
  for (uint32_t i = 0; i < 10; i++) s.a(kA, 1004 + i, 2001, "x").b(kA, 2001, 1005 + i);
  EXPECT_EQ(acks(), 11U) << "in step";
  EXPECT_EQ(above_gaps(), 0U);
  s.a(kA, 1017, 2001, "xyz").b(kA, 2001, 1020);
  EXPECT_EQ(acks(), 12U);
  EXPECT_EQ(above_gaps(), 1U);
}

TEST(CaptureLoss, OnlyOfWholeConnections) {
  FlowStage s;
  s.a(kA, 1001, 2001, "abc").b(kA, 2001, 1004, "de").a(kA, 1010, 2003, "fgh").b(kA, 2003, 1013);
  EXPECT_EQ(s.tracker.counters().get(FlowCounter::Acks), 0U);
}

TEST(Reassembly, MemoryHasALimit) {
  FlowConfig config;
  config.reassembly_bytes_max = 3 * 256;
  FlowStage s(config);
  s.handshake();
  for (uint32_t i = 0; i < 10; i++) s.a(kA, 1011 + 20 * i, 2001, "0123456789");
  EXPECT_EQ(s.tracker.counters().get(FlowCounter::LostHeldBytes), 70U);
  s.b(kA, 2001, 1011 + 190);
  std::string expected;
  for (int i = 0; i < 3; i++) expected += "<10>0123456789";
  EXPECT_EQ(s.seen.streams[0].substr(0, expected.size()), expected);
  EXPECT_EQ(s.end().conn.missed_bytes, 100U) << "what was seen was not missed";
}

TEST(Reassembly, SegmentsHaveALimit) {
  FlowConfig config;
  config.tcp_max_held_segments = 4;
  FlowStage s(config);
  s.handshake();
  for (uint32_t i = 0; i < 10; i++) s.a(kA, 1011 + 20 * i, 2001, "0123456789");
  EXPECT_EQ(s.tracker.counters().get(FlowCounter::LostHeldSegments), 6U);
}

/// One side's stream of at most 15000 bytes in random pieces.
struct Model {
  explicit Model(size_t n) : bytes(n, 0) {}
  std::string bytes;  // 0: not seen; otherwise the first value that came

  void place(size_t from, const std::string& piece) {
    for (size_t i = 0; i < piece.size(); i++) {
      if (bytes[from + i] == 0) bytes[from + i] = piece[i];
    }
  }
  /// As the recorder writes it, when all of it is acknowledged.
  std::string text() const {
    std::string out;
    for (size_t i = 0; i < bytes.size();) {
      size_t hole = i;
      while (hole < bytes.size() && bytes[hole] == 0) hole++;
      if (hole > i) out += "<" + std::to_string(hole - i) + ">";
      for (i = hole; i < bytes.size() && bytes[i] != 0; i++) out += bytes[i];
    }
    return out;
  }
  size_t missing() const { return static_cast<size_t>(std::count(bytes.begin(), bytes.end(), '\0')); }
};

TEST(Reassembly, AgreesWithAModel) {
  for (uint32_t seed = 1; seed <= 300; seed++) {
    std::mt19937 random(seed);
    const size_t length = 1 + random() % 15000;
    const uint32_t start = seed % 3 == 0 ? 0xffffffff - static_cast<uint32_t>(random() % 15000) : static_cast<uint32_t>(random());
    Model model(length);
    FlowStage s;
    s.a(kS, start - 1, 0).b(kS | kA, 2000, start).a(kA, start, 2001);
    const size_t pieces = 1 + random() % 60;
    for (size_t i = 0; i < pieces; i++) {
      const size_t from = random() % length;
      std::string piece(1 + random() % std::min<size_t>(length - from, 1 + random() % 3000), static_cast<char>('A' + random() % 26));
      s.a(kA, start + static_cast<uint32_t>(from), 2001, piece);
      model.place(from, piece);
    }
    s.a(kF | kA, start + static_cast<uint32_t>(length), 2001).b(kA, 2001, start + static_cast<uint32_t>(length) + 1);
    ASSERT_EQ(s.seen.streams[0], model.text() + "$") << "seed " << seed;
    const auto e = s.end();
    EXPECT_EQ(e.conn.missed_bytes, model.missing());
    EXPECT_EQ(e.conn.orig_bytes, length);
  }
}

/// Losing interest in the middle and regaining it must not upset anything.
TEST(Reassembly, InterestMayComeAndGo) {
  for (uint32_t seed = 1; seed <= 100; seed++) {
    std::mt19937 random(seed);
    struct Moody {
      FlowTracker<Moody>* tracker = nullptr;
      std::mt19937* random = nullptr;
      uint64_t bytes = 0, missed = 0;
      void on_new(Flow& f, const DecodedPacket&) { f.want_orig = f.want_resp = f.want_packets = true; }
      void on_packet(Flow& f, Direction, const DecodedPacket&) {
        if ((*random)() % 4 == 0) tracker->set_wanted(f, Direction::Orig, (*random)() % 2 == 0);
      }
      void on_datagram(Flow&, Direction, const DecodedPacket&) {}
      void on_data(Flow& f, Direction, Bytes b) {
        bytes += b.size();
        if ((*random)() % 8 == 0) tracker->set_wanted(f, Direction::Orig, false);
      }
      void on_gap(Flow&, Direction, uint64_t n) { missed += n; }
      void on_eof(Flow&, Direction) {}
      void on_established(Flow&) {}
      void on_flip(Flow&) {}
      void on_weird(Flow&, const Weird&) {}
      void on_remove(Flow&, TimeNs, RemoveReason) {}
    } handler;
    FlowTracker<Moody> tracker({}, handler);
    handler.tracker = &tracker;
    handler.random = &random;
    FlowStage source;
    const std::string payload(4000, 'x');
    const auto play = [&](bool from_a, uint8_t flags, uint32_t seq, uint32_t ack, size_t size) {
      DecodedPacket p = source.packet(from_a, ipproto::kTcp, Transport::Tcp, std::string_view(payload).substr(0, size));
      p.tcp = {.seq = seq, .ack = ack, .window = 1000, .flags = flags, .header_len = 20};
      tracker.process({&p, 1});
    };
    play(true, kS, 1000, 0, 0);
    play(false, kS | kA, 2000, 1001, 0);
    for (int i = 0; i < 50; i++) {
      play(true, kA, 1001 + static_cast<uint32_t>(random() % 10000), 2001, random() % 4000);
      if (random() % 8 == 0) play(false, kA, 2001, 1001 + static_cast<uint32_t>(random() % 10000), 0);
    }
    play(false, kA, 2001, 15001, 0);
    EXPECT_LE(handler.bytes + handler.missed, 14000U);
    tracker.finish(source.kStart + kMinute);
    EXPECT_EQ(tracker.size(), 0U);
  }
}

/// Many tiny segments beyond a hole, then segments that cover them all: time must grow with the bytes sent, not faster.
TEST(Reassembly, TinySegmentsAreNotQuadratic) {
  FlowConfig config;
  config.tcp_max_above_hole_without_any_acks = 0;
  FlowStage s(config);
  s.handshake().a(kA, 1001, 2001, "x").b(kA, 2001, 1002);
  const auto begin = std::chrono::steady_clock::now();
  for (uint32_t i = 0; i < 30000; i += 2) s.a(kA, 2000 + i, 2001, "y");
  const std::string large(30000, 'z');
  for (int i = 0; i < 200; i++) s.a(kA, 2000, 2001, large);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  EXPECT_LT(took.count(), 5.0);
}

}  // namespace
}  // namespace sensor
