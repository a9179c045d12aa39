// What a reader of a TCP stream costs, when its segments come in order, out of order, or not at all. Time per segment; the payload is
// looked at by nobody.
#include <benchmark/benchmark.h>

#include <vector>

#include "decoded_packet.h"
#include "sensor/flow/flow_tracker.h"

namespace sensor {
namespace {

constexpr uint32_t kSegments = 1024, kSegmentBytes = 1448;

struct Reader {
  uint64_t bytes = 0, gaps = 0;
  void on_new(Flow& f, const DecodedPacket&) { f.want_orig = true; }
  void on_packet(Flow&, Direction, const DecodedPacket&) {}
  void on_datagram(Flow&, Direction, const DecodedPacket&) {}
  void on_data(Flow&, Direction, Bytes b) { bytes += b.size(); }
  void on_gap(Flow&, Direction, uint64_t n) { gaps += n; }
  void on_eof(Flow&, Direction) {}
  void on_established(Flow&) {}
  void on_flip(Flow&) {}
  void on_weird(Flow&, const Weird&) {}
  void on_remove(Flow&, TimeNs, RemoveReason) {}
};

enum class Order { InOrder, Swapped, Reversed8, Lossy };

/// A transfer of kSegments from the originator, acknowledged every second segment.
std::vector<DecodedPacket> transfer(Order order, Bytes payload) {
  const FiveTuple up = test::five_tuple(ipproto::kTcp, "10.0.0.1", 40000, "10.0.0.2", 80);
  std::vector<uint32_t> segments;
  for (uint32_t i = 0; i < kSegments; i++) {
    const uint32_t group = i / 8 * 8;
    if (order == Order::Swapped) {
      segments.push_back(i ^ 1);
    } else if (order == Order::Reversed8) {
      segments.push_back(group + 7 - (i - group));
    } else if (order != Order::Lossy || i % 100 != 50) {
      segments.push_back(i);
    }
  }
  std::vector<DecodedPacket> out;
  const auto add = [&](const FiveTuple& t, uint8_t flags, uint32_t seq, uint32_t ack, Bytes bytes) {
    DecodedPacket p = test::decoded_packet(t, bytes);
    p.tcp.flags = flags, p.tcp.seq = seq, p.tcp.ack = ack, p.tcp.window = 65535, p.tcp.header_len = 20;
    out.push_back(p);
  };
  add(up, tcpflag::kSyn, 0, 0, {});
  add(test::reversed(up), tcpflag::kSyn | tcpflag::kAck, 0, 1, {});
  add(up, tcpflag::kAck, 1, 1, {});
  uint32_t highest = 0;
  for (size_t i = 0; i < segments.size(); i++) {
    add(up, tcpflag::kAck, 1 + segments[i] * kSegmentBytes, 1, payload);
    highest = std::max(highest, segments[i] + 1);
    if (i % 16 == 15) add(test::reversed(up), tcpflag::kAck, 1, 1 + highest * kSegmentBytes, {});
  }
  return out;
}

void run(benchmark::State& state, Order order) {
  const std::vector<uint8_t> payload(kSegmentBytes, 0x5a);
  const std::vector<DecodedPacket> packets = transfer(order, payload);
  FlowConfig config;
  config.capacity = 64;
  uint64_t bytes = 0;
  Reader reader;
  FlowTracker<Reader> tracker(config, reader);
  for (auto _ : state) {
    tracker.process(packets);
    tracker.finish(kSecond);
  }
  bytes = reader.bytes;
  if (bytes == 0 || (order == Order::Lossy) != (reader.gaps != 0)) state.SkipWithError("the stream did not arrive as it should");
  state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(packets.size()));
  state.SetBytesProcessed(static_cast<int64_t>(bytes));
}

void BM_InOrder(benchmark::State& state) {
  run(state, Order::InOrder);
}
void BM_Swapped(benchmark::State& state) {
  run(state, Order::Swapped);
}
void BM_Reversed8(benchmark::State& state) {
  run(state, Order::Reversed8);
}
void BM_Lossy(benchmark::State& state) {
  run(state, Order::Lossy);
}
BENCHMARK(BM_InOrder);
BENCHMARK(BM_Swapped);
BENCHMARK(BM_Reversed8);
BENCHMARK(BM_Lossy);

}  // namespace
}  // namespace sensor
