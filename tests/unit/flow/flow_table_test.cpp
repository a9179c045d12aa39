// The table against a model, when it is full, and the flow's layout.
#include <gtest/gtest.h>

#include <random>
#include <set>
#include <unordered_map>

#include "flow_fixture.h"
#include "src/flow/vlan_ids.h"

namespace sensor {
namespace {

using test::FlowStage;
using test::kA;
using test::kS;

FlowKey key_of(uint32_t n) {
  FlowKey k;
  k.addr = {IpAddress::v4(0x0a000000 + n % 251), IpAddress::v4(0xc0a80000 + n / 251 % 65536)};
  k.port = {static_cast<uint16_t>(n), static_cast<uint16_t>(n >> 16)};
  k.ip_proto = ipproto::kUdp;
  return k;
}

TEST(FlowLayout, HotPartIsTwoCacheLines) {
  EXPECT_EQ(sizeof(Flow), 256U);
  EXPECT_EQ(offsetof(Flow, start_ns), 64U);
  EXPECT_EQ(offsetof(Flow, tcp), 128U);
  EXPECT_EQ(offsetof(Flow, datagram), 128U);
}

TEST(FlowTable, AgreesWithAModelUnderLoad) {
  constexpr uint32_t kCapacity = 20000;
  for (const uint64_t seed : {1ULL, 2ULL, 0xfeedULL}) {
    FlowTable table(kCapacity, seed);
    std::unordered_map<uint32_t, FlowIndex> model;
    std::mt19937 random(static_cast<uint32_t>(seed));
    for (int i = 0; i < 400000; i++) {
      const uint32_t n = static_cast<uint32_t>(random() % 40000);
      const FlowKey k = key_of(n);
      const uint64_t h = table.hash(k);
      Flow* f = table.find(k, h);
      const auto known = model.find(n);
      ASSERT_EQ(f != nullptr, known != model.end());
      if (f != nullptr) {
        ASSERT_EQ(table.index_of(*f), known->second);
        if (random() % 2 == 0) {
          table.erase(*f);
          model.erase(known);
        }
      } else {
        Flow* made = table.insert(k, h);
        ASSERT_EQ(made == nullptr, model.size() == kCapacity);
        if (made != nullptr) model[n] = table.index_of(*made);
      }
      ASSERT_EQ(table.size(), model.size());
    }
    EXPECT_GT(model.size(), kCapacity * 9 / 10);
  }
}

TEST(FlowTable, BytesPerFlow) {
  FlowTable table(1'000'000, 1);
  EXPECT_LE(table.memory_bytes(), 1'000'000ULL * 265);
}

TEST(FlowTable, HashDependsOnTheSeedAndEveryPartOfTheKey) {
  FlowTable a(64, 1), b(64, 2);
  FlowKey k = key_of(12345);
  EXPECT_NE(a.hash(k), b.hash(k));
  const uint64_t h = a.hash(k);
  FlowKey other = k;
  other.ip_proto = ipproto::kTcp;
  EXPECT_NE(a.hash(other), h);
  other = k;
  other.port[1]++;
  EXPECT_NE(a.hash(other), h);
  other = k;
  std::swap(other.addr[0], other.addr[1]);
  EXPECT_NE(a.hash(other), h);
}

TEST(Eviction, UnansweredFlowsGoFirst) {
  FlowConfig config;
  config.capacity = 64;
  FlowStage s(config);
  for (uint16_t i = 0; i < 64; i++) {
    s.ports(static_cast<uint16_t>(21000 + i), 9999).udp(true, "q");
    if (i % 8 != 0) s.udp(false, "a");
  }
  EXPECT_TRUE(s.seen.ended.empty());
  s.ports(30000, 9999).udp(true, "q");
  ASSERT_EQ(s.seen.ended.size(), 1U);
  EXPECT_EQ(s.seen.ended[0].reason, RemoveReason::Evicted);
  EXPECT_EQ(s.seen.ended[0].orig_port % 8, 21000 % 8);
  EXPECT_EQ(s.seen.ended[0].conn.conn_state, "S0");
  EXPECT_EQ(s.tracker.counters().get(FlowCounter::RemovedEvicted), 1U);
}

TEST(Eviction, FloodKeepsEveryFlowAccountedFor) {
  FlowConfig config;
  config.capacity = 100;
  FlowStage s(config);
  for (uint32_t i = 0; i < 10000; i++) {
    s.host_a = IpAddress::v4(0x0b000000 + i);
    s.a(kS, i, 0);
  }
  EXPECT_LE(s.tracker.size(), 100U);
  const auto& rows = s.end_all();
  EXPECT_EQ(rows.size(), 10000U);
  const auto& c = s.tracker.counters();
  EXPECT_EQ(c.get(FlowCounter::Created), 10000U);
  uint64_t removed = 0;
  for (auto i = static_cast<size_t>(FlowCounter::RemovedIdle); i <= static_cast<size_t>(FlowCounter::RemovedEndOfInput); i++)
    removed += c.get(static_cast<FlowCounter>(i));
  EXPECT_EQ(removed, 10000U);
}

/// A packet inside another is handled while the outer flow is in a handler's hands: it must survive a full table.
TEST(Eviction, SparesFlowsAtWork) {
  struct Nesting {
    FlowTracker<Nesting>* tracker = nullptr;
    FlowStage* stage = nullptr;
    int removed_while_busy = 0;
    uint32_t next = 0;
    void on_new(Flow& f, const DecodedPacket&) { f.want_orig = true; }
    void on_packet(Flow&, Direction, const DecodedPacket&) {}
    void on_datagram(Flow& f, Direction, const DecodedPacket& p) {
      if (next % 4 == 3) {
        next++;
        return;
      }
      const FlowKey before = f.key;
      DecodedPacket inner = p;
      inner.tuple.src = IpAddress::v4(0x0c000000 + next++);
      tracker->process_nested(inner);
      EXPECT_TRUE(f.in_use);
      EXPECT_EQ(f.key, before);
    }
    void on_data(Flow&, Direction, Bytes) {}
    void on_gap(Flow&, Direction, uint64_t) {}
    void on_eof(Flow&, Direction) {}
    void on_established(Flow&) {}
    void on_flip(Flow&) {}
    void on_weird(Flow&, const Weird&) {}
    void on_remove(Flow& f, TimeNs, RemoveReason) { removed_while_busy += f.busy ? 1 : 0; }
  } handler;
  FlowConfig config;
  config.capacity = 64;
  FlowTracker<Nesting> tracker(config, handler);
  FlowStage stage;
  handler.tracker = &tracker;
  handler.stage = &stage;
  for (uint16_t i = 0; i < 1000; i++) {
    DecodedPacket p = stage.ports(static_cast<uint16_t>(1024 + i), 9999).packet(true, ipproto::kUdp, Transport::Udp, "x");
    tracker.process({&p, 1});
  }
  EXPECT_EQ(handler.removed_while_busy, 0);
  EXPECT_GT(tracker.counters().get(FlowCounter::RemovedEvicted), 900U);
}

uint64_t connections_over_vlans(bool key_by_vlan) {
  FlowConfig config;
  config.key_by_vlan = key_by_vlan;
  FlowStage stage(config);
  const std::pair<uint16_t, uint16_t> vlans[] = {{0, 0}, {7, 0}, {7, 9}, {9, 7}, {7, 0}};
  for (const auto& [outer, inner] : vlans) {
    for (const bool from_a : {true, false}) {
      DecodedPacket p = stage.packet(from_a, ipproto::kUdp, Transport::Udp, "x");
      p.vlan = outer;
      p.inner_vlan = inner;
      stage.tracker.process({&p, 1});
    }
  }
  return stage.end_all().size();
}

TEST(FlowTable, VlansTellConnectionsApartOnRequest) {
  EXPECT_EQ(connections_over_vlans(false), 1U);
  EXPECT_EQ(connections_over_vlans(true), 4U);
}

TEST(VlanIds, ShareNumbersBeyondTheirLimit) {
  VlanIds ids;
  EXPECT_EQ(ids.id(0, 0), 0);
  std::set<uint8_t> seen;
  for (uint16_t v = 1; v <= 255; v++) seen.insert(ids.id(v, 0));
  EXPECT_EQ(seen.size(), 255U);
  for (uint16_t v = 256; v < 4095; v++) {
    const uint8_t id = ids.id(v, 1);
    EXPECT_NE(id, 0);
    EXPECT_EQ(ids.id(v, 1), id);
  }
  EXPECT_EQ(ids.id(1, 0), 1);
}

}  // namespace
}  // namespace sensor
