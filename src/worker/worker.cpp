#include "sensor/worker/worker.h"

#include <algorithm>
#include <utility>

#include "sensor/worker/expectation_exchange.h"

namespace sensor {
namespace {

/// Zeek's clock begins here; only the packets of simulations are earlier.
constexpr TimeNs kFirstMoment = kSecond;

FragmentLimits fragment_limits(const WorkerConfig& config) {
  FragmentLimits limits = config.fragments;
  limits.key_by_vlan = config.session.flow.key_by_vlan;
  return limits;
}

}  // namespace

Worker::Worker(const WorkerConfig& config, uint8_t id, RecordWriter& records, WorkerStats& stats)
    : id_(id),
      records_(records),
      stats_(stats),
      decoder_(config.decode, &decode_counters_),
      fragments_(fragment_limits(config), decoder_),
      session_(config.session, decoder_, fragments_, records, *this) {}

void Worker::process(std::span<const PacketView> packets, const uint8_t* owner) {
  if (exchange_ != nullptr) exchange_->take(id_, [this](const Expectation& e) { session_.expect(e); });
  stats_.begin_burst(clock_);
  auto& tracker = session_.tracker();
  TimeNs latest = clock_;
  for (size_t i = 0; i < packets.size(); i++) clocks_[i] = latest = std::max(latest, packets[i].ts_ns);
  session_.begin_burst(std::span(clocks_).first(packets.size()));
  size_t n = 0;
  for (size_t i = 0; i < packets.size(); i++) {
    const PacketView& packet = packets[i];
    if (clocks_[i] >= acks_until_) {
      tracker.process(std::span(burst_).first(n));
      n = 0;
      count_acks();
      acks_until_ = stats_.end_of_interval(clocks_[i]);
    }
    clock_ = clocks_[i];
    if (owner != nullptr && owner[i] != id_) continue;
    stats_.on_packet(clock_, packet.wire_len);
    DecodedPacket& out = burst_[n];
    n += finish_decode(decoder_.decode(packet, out), out);
    if (out.more_frames.empty()) continue;
    tracker.process(std::span(burst_).first(n));
    n = 0;
    process_aggregate(out);
  }
  tracker.process(std::span(burst_).first(n));
  count_acks();
  tracker.advance(clock_);
  session_.advance(clock_);
  fragments_.release();
  fragments_.advance(clock_);
  records_.advance(tracker.watermark());
  stats_.advance(tracker.watermark());
}

/// Those since the last call, which were all in one interval: acknowledgements have no time of their own.
void Worker::count_acks() {
  const auto fresh = [](uint64_t& counted, uint64_t now) { return now - std::exchange(counted, now); };
  const uint64_t acks = fresh(acks_counted_, flow_counters().get(FlowCounter::Acks));
  stats_.on_acks(clock_, acks, fresh(gaps_counted_, flow_counters().get(FlowCounter::AcksAboveGaps)));
}

void Worker::advance(TimeNs now) {
  clock_ = std::max(clock_, now);
  process({}, nullptr);
}

/// The other packets of an 802.11 aggregate.
void Worker::process_aggregate(DecodedPacket& packet) {
  while (!packet.more_frames.empty())
    if (finish_decode(decoder_.decode_next(packet), packet)) session_.tracker().process(std::span(&packet, 1));
}

/// True when `out` is a packet whose connection is to be looked up.
bool Worker::finish_decode(DecodeStatus status, DecodedPacket& out) {
  out.clock_ns = std::max(clock_, kFirstMoment);
  if (status == DecodeStatus::Fragment) status = fragments_.add_all(out);
  if (!out.weirds.empty()) session_.write_decode_weirds(out);
  if (status == DecodeStatus::Arp) session_.write_arp(out);
  if (out.tunnel_depth != 0 && status == DecodeStatus::Packet) session_.identify_tunnels(out);
  return status == DecodeStatus::Packet;
}

void Worker::finish() {
  session_.finish(clock_);
  records_.flush();
  stats_.finish();
}

uint64_t Worker::bad_checksums() const {
  return decode_counters_.get(DecodeCounter::BadIpChecksum) + session_.tracker().counters().get(FlowCounter::ChecksumErrors);
}

void Worker::on_connection_open(TimeNs now, Transport transport) {
  stats_.on_connection_open(now, transport);
}

void Worker::on_expectation(const Expectation& expectation) {
  if (exchange_ != nullptr) exchange_->tell_others(id_, expectation);
}

void Worker::on_connection_end(const ConnectionEnd& end) {
  EndedConnection c;
  c.due_ns = end.due_ns;
  c.key_hi = end.header.uid.hi;
  c.key_lo = end.header.uid.lo;
  c.orig = end.header.orig_h;
  c.resp = end.header.resp_h;
  c.orig_bytes = end.summary.orig_ip_bytes;
  c.orig_packets = end.summary.orig_packets;
  c.resp_bytes = end.summary.resp_ip_bytes;
  c.resp_packets = end.summary.resp_packets;
  c.transport = end.transport;
  std::ranges::copy(end.services, c.services.begin());
  c.application = end.application;
  stats_.on_connection_end(c);
}

}  // namespace sensor
