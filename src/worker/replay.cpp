#include "sensor/worker/replay.h"

#include <thread>
#include <vector>

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
    if (status == DecodeStatus::Fragment) {
      const auto ends = decoder_.outermost_addresses(packet, scratch_);
      return ends ? by_addresses(ends->src, ends->dst) : kForTunnels;
    }
    if (status != DecodeStatus::Packet || scratch_.tunnel_depth != 0) return kForTunnels;
    const FiveTuple& t = scratch_.tuple;
    if (scratch_.transport == Transport::Udp &&
        (udp_tunnel_of(t.dst_port, scratch_.payload) != UdpTunnel::None || udp_tunnel_of(t.src_port, scratch_.payload) != UdpTunnel::None))
      return kForTunnels;
    return by_addresses(t.src, t.dst);
  }

 private:
  static constexpr uint8_t kForTunnels = 0;

  /// A fixed seed: the sharding does not show in the logs, and a hostile capture can at most fill one worker.
  uint8_t by_addresses(const IpAddress& a, const IpAddress& b) const {
    return static_cast<uint8_t>(symmetric_address_hash(a, b, 0) % workers_);
  }

  size_t workers_;
  CounterBlock<DecodeCounter> counters_;  // the workers count what they decode; this is thrown away
  Decoder decoder_;
  DecodedPacket scratch_;
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
  for (PacketBatch batch = next(); !batch.empty(); batch = next()) workers_[0]->process(batch.packets(), nullptr);
  workers_[0]->finish();
}

void Replay::distribute() {
  std::vector<std::unique_ptr<SpscRing<SharedBatchPtr>>> queues;
  std::vector<std::jthread> threads;
  for (const auto& worker : workers_) {
    queues.push_back(std::make_unique<SpscRing<SharedBatchPtr>>(kQueueBatches));
    threads.emplace_back([&w = *worker, &q = *queues.back()] { work(w, q); });
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
