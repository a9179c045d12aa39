#include "sensor/worker/replay.h"

#include <pthread.h>

#include <algorithm>
#include <string>
#include <thread>
#include <unordered_set>
#include <vector>

#include "sensor/base/hash.h"
#include "sensor/base/spsc_ring.h"

namespace sensor {
namespace {

/// A batch that all workers look at; each takes its own packets, the last one gives it back.
struct SharedBatch {
  PacketBatch batch;
  std::array<uint8_t, Worker::kBurst> owner;
};
using SharedBatchPtr = std::shared_ptr<const SharedBatch>;

/// Batches a worker may lag behind the reader. Below the number that a source lets out at once.
constexpr size_t kQueueBatches = 256;

void work(Worker& worker, SpscRing<SharedBatchPtr>& queue) {
  SharedBatchPtr shared;
  for (queue.pop(shared); shared != nullptr; queue.pop(shared)) worker.process(shared->batch.packets(), shared->owner.data());
  worker.finish();
}

/// Which worker takes each packet of a batch.
class Sharding {
 public:
  Sharding(size_t workers, DecodeOptions decode) : workers_(workers), decoder_(decode, &counters_) {}

  uint8_t owner(const PacketView& packet) {
    const DecodeStatus status = decoder_.decode(packet, scratch_);
    if (scratch_.tunnel_depth != 0) return kForTunnels;
    if (status == DecodeStatus::Fragment) return fragment_owner();
    if (status != DecodeStatus::Packet) return kForTunnels;
    const FiveTuple& t = scratch_.tuple;
    const uint64_t pair = symmetric_address_hash(t.src, t.dst, kSeed);
    if (scratch_.transport == Transport::Udp && carries_tunnel(pair, t.src_port, t.dst_port)) {
      remember_tunnel(pair);
      return kForTunnels;
    }
    return by_addresses(pair);
  }

 private:
  static constexpr uint8_t kForTunnels = 0;
  /// Fixed: the sharding does not show in the logs, and a hostile capture can at most fill one worker.
  static constexpr uint64_t kSeed = 0;
  /// Address pairs with tunnels that are remembered; the fragments of others may be told apart wrongly.
  static constexpr size_t kMaxTunnelPairs = 100'000;

  static bool is_tunnel(uint16_t src_port, uint16_t dst_port, Bytes payload) {
    return udp_tunnel_of(dst_port, payload) != UdpTunnel::None || udp_tunnel_of(src_port, payload) != UdpTunnel::None;
  }
  /// The packet at hand belongs to a connection that is read as a tunnel: by its ports, or because its first packet looked like one. What
  /// its later packets look like does not count, for all of them must go to one worker.
  bool carries_tunnel(uint64_t pair, uint16_t src_port, uint16_t dst_port) {
    if (is_tunnel(src_port, dst_port, {})) return true;
    const auto [low, high] = std::minmax(src_port, dst_port);
    const uint64_t connection = mix64(pair, uint64_t{high} << 16 | low);
    if (tunnels_.contains(connection)) return true;
    const size_t bit = connection % kPlainBits;
    if (!plain_[bit] && is_tunnel(src_port, dst_port, scratch_.payload) && tunnels_.size() < kMaxTunnelPairs) {
      tunnels_.insert(connection);
      return true;
    }
    plain_[bit] = true;
    return false;
  }
  uint8_t by_addresses(uint64_t pair) const { return static_cast<uint8_t>(pair % workers_); }
  void remember_tunnel(uint64_t pair) {
    if (tunnel_pairs_.size() < kMaxTunnelPairs) tunnel_pairs_.insert(pair);
  }
  /// Only the first fragment has ports: the others go where the tunnels between the same ends go.
  uint8_t fragment_owner() {
    const FragmentInfo& f = scratch_.fragment;
    const uint64_t pair = symmetric_address_hash(scratch_.tuple.src, scratch_.tuple.dst, kSeed);
    switch (f.next_proto) {
      case ipproto::kIpip:
      case ipproto::kIpv6:
      case ipproto::kGre:
        return kForTunnels;
      case ipproto::kUdp:
        break;
      default:
        return by_addresses(pair);
    }
    if (f.offset == 0) {
      ByteReader r(scratch_.ip.subspan(f.header_len));
      const uint16_t src_port = r.u16(), dst_port = r.u16();
      r.skip(4);
      if (r && is_tunnel(src_port, dst_port, r.rest())) remember_tunnel(pair);
    }
    return tunnel_pairs_.contains(pair) ? kForTunnels : by_addresses(pair);
  }

  size_t workers_;
  CounterBlock<DecodeCounter> counters_;  // the workers count what they decode; this is thrown away
  Decoder decoder_;
  DecodedPacket scratch_;
  std::unordered_set<uint64_t> tunnel_pairs_;
  std::unordered_set<uint64_t> tunnels_;  // connections whose first packet looked like a tunnel's
  // By connection: its first packet did not look so. Two that share a bit are seldom, and do no harm unless one of them is a tunnel: then
  // connections inside of it may be told apart wrongly if they go through other tunnels as well.
  static constexpr size_t kPlainBits = size_t{1} << 23;
  std::vector<bool> plain_ = std::vector<bool>(kPlainBits);
};

}  // namespace

void Replay::run() {
  workers_.size() == 1 ? run_alone() : distribute();
}

PacketBatch Replay::next() {
  while (!stop_.load(std::memory_order_relaxed) && !past_end_) {
    PacketBatch batch = source_.poll();
    if (batch.empty()) {
      if (source_.state() != PacketSource::State::Running) break;
      std::this_thread::yield();
      continue;
    }
    if (first_ns_ < 0) first_ns_ = batch.packets().front().ts_ns;
    past_end_ = duration_ns_ != 0 && batch.packets().back().ts_ns - first_ns_ > duration_ns_;
    return batch;
  }
  return {};
}

void Replay::run_alone() {
  // A batch is given back before the next is asked for: its memory, which the cache holds, is then used again.
  while (true) {
    const PacketBatch batch = next();
    if (batch.empty()) break;
    workers_[0]->process(batch.packets(), nullptr);
  }
  workers_[0]->finish();
}

void Replay::distribute() {
  std::vector<std::unique_ptr<SpscRing<SharedBatchPtr>>> queues;
  std::vector<std::jthread> threads;
  for (const auto& worker : workers_) {
    queues.push_back(std::make_unique<SpscRing<SharedBatchPtr>>(kQueueBatches));
    threads.emplace_back([&w = *worker, &q = *queues.back()] { work(w, q); });
    ::pthread_setname_np(threads.back().native_handle(), ("worker " + std::to_string(threads.size() - 1)).c_str());
  }
  Sharding sharding(workers_.size(), decode_);
  for (PacketBatch batch = next(); !batch.empty(); batch = next()) {
    auto shared = std::make_shared<SharedBatch>();
    shared->batch = std::move(batch);
    const auto packets = shared->batch.packets();
    for (size_t i = 0; i < packets.size(); i++) shared->owner[i] = sharding.owner(packets[i]);
    for (auto& queue : queues) queue->push(SharedBatchPtr(shared));
  }
  for (auto& queue : queues) queue->push(nullptr);
}

}  // namespace sensor
