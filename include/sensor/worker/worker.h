// The hot loop: what happens to a burst of packets, from bytes to records.
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <memory>
#include <span>

#include "sensor/flow/fragments.h"
#include "sensor/net/decoder.h"
#include "sensor/record/record_writer.h"
#include "sensor/session/session.h"
#include "sensor/stats/worker_stats.h"

namespace sensor {

class ExpectationExchange;

struct WorkerConfig {
  SessionConfig session;
  DecodeOptions decode;
  FragmentLimits fragments;
};

/// One worker: decoder, fragment reassembly, flow table, session, counters; all its own. One thread calls it at a time.
class Worker final : private ConnectionListener {
 public:
  /// Packets handled at once.
  static constexpr size_t kBurst = 64;
  /// Marks a packet that no worker takes.
  static constexpr uint8_t kNobody = 0xff;

  /// `records` is where this worker's rows go, `stats` where its counts go; both outlive the worker.
  Worker(const WorkerConfig& config, uint8_t id, RecordWriter& records, WorkerStats& stats);

  /// In the thread that will call process(), before packets come: what the first ones would wait for is made.
  void make_ready() { session_.make_ready(); }
  /// Handles a burst. `owner` says, packet by packet, whose it is (null: all are ours); the packets of others move this worker's clock,
  /// so that every worker's timeouts and intervals fall at the same packet times.
  void process(std::span<const PacketView> packets, const uint8_t* owner);
  /// Time has passed without packets: none older than `now` will come.
  void advance(TimeNs now);
  /// From now on, what this worker's analyzers announce is told to the others, and the other way round. The exchange outlives the worker.
  void share_expectations(ExpectationExchange& exchange) { exchange_ = &exchange; }
  /// The input has ended: every connection is closed and written.
  void finish();
  /// Calls f(CounterInfo, value) for everything that was lost, cut or malformed and happened. After finish().
  template <class F>
  void for_each_loss(F f) const;
  /// What became of the packets, hop by hop. Counters: any thread; what is held: after finish().
  const DecodeCounters& decode_counters() const { return decode_counters_; }
  const FragmentReassembler& fragments() const { return fragments_; }
  const CounterBlock<FlowCounter>& flow_counters() const { return session_.tracker().counters(); }
  /// Packets with a wrong checksum, IP or transport. After finish().
  uint64_t bad_checksums() const;
  /// The latest packet time seen, by any worker.
  TimeNs clock() const { return clock_; }

 private:
  bool finish_decode(DecodeStatus status, DecodedPacket& out);
  void count_acks();
  void process_aggregate(DecodedPacket& packet);
  void on_connection_open(TimeNs now, Transport transport) override;
  void on_connection_end(const ConnectionEnd& end) override;
  void on_expectation(const Expectation& expectation) override;

  uint8_t id_;
  TimeNs clock_ = 0;
  RecordWriter& records_;
  WorkerStats& stats_;
  CounterBlock<DecodeCounter> decode_counters_;
  Decoder decoder_;
  FragmentReassembler fragments_;
  Session session_;
  ExpectationExchange* exchange_ = nullptr;
  uint64_t acks_counted_ = 0, gaps_counted_ = 0;
  TimeNs acks_until_ = std::numeric_limits<TimeNs>::min();  // the end of the interval that those counted next belong to
  std::array<DecodedPacket, kBurst> burst_;
  std::array<TimeNs, kBurst> clocks_;  // after each packet of the burst
};

template <class F>
void Worker::for_each_loss(F f) const {
  const auto visit = [&f](const CounterInfo& info, uint64_t n) {
    if (n != 0) f(info, n);
  };
  for (size_t i = 0; i < static_cast<size_t>(DecodeCounter::kWeirds); i++)
    visit(counter_info(static_cast<DecodeCounter>(i)), decode_counters_.get(static_cast<DecodeCounter>(i)));
  for (const FragmentCounter c : {FragmentCounter::Expired, FragmentCounter::Evicted, FragmentCounter::DroppedNoBuffer,
                                  FragmentCounter::DroppedNoPiece, FragmentCounter::DroppedTooMany, FragmentCounter::DroppedLongHeader})
    visit(counter_info(c), fragments_.counters().get(c));
  for (const FlowCounter c :
       {FlowCounter::RemovedEvicted, FlowCounter::ChecksumErrors, FlowCounter::HeaderErrors, FlowCounter::Gaps, FlowCounter::GapBytes,
        FlowCounter::LostHeldSegments, FlowCounter::LostHeldMemory, FlowCounter::LostHeldBytes, FlowCounter::StreamsGivenUp})
    visit(flow_counter_infos()[static_cast<size_t>(c)], session_.tracker().counters().get(c));
  visit(kNdpiCounters[static_cast<size_t>(NdpiCounter::PoolExhausted)], session_.classifier().counters().get(NdpiCounter::PoolExhausted));
}

}  // namespace sensor
