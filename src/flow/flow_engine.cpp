#include "sensor/flow/flow_engine.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cassert>

#include "conn_state.h"
#include "expiry.h"
#include "flip_roles.h"
#include "flow_key.h"
#include "history.h"
#include "packet_times.h"
#include "tcp_machine.h"
#include "timer_wheel.h"
#include "vlan_ids.h"

namespace sensor {

namespace {

/// Flows looked at when one must make room.
constexpr FlowIndex kEvictionSample = 16;
/// Flows that one packet may have to wait for being expired; the others wait for the next packet, unless they are looked up.
constexpr size_t kExpiredPerPacket = 512;
constexpr uint8_t kTcpHeaderMin = 20;
constexpr uint32_t kUdpHeader = 8;
constexpr uint32_t kBroadcast = 0xffffffff;

constexpr std::array<CounterInfo, static_cast<size_t>(FlowCounter::kCount)> kInfos = {{
    {"flow_created", "connections begun"},
    {"flow_removed_idle", "connections that ended by silence"},
    {"flow_removed_attempt", "connection attempts without an answer"},
    {"flow_removed_closed", "connections that were closed or reset"},
    {"flow_removed_reused", "connections replaced by a new one between the same ports"},
    {"flow_removed_evicted", "connections that made room for another because the table was full"},
    {"flow_removed_end_of_input", "connections alive when the input ended"},
    {"flow_checksum_errors", "packets of connections with a bad checksum"},
    {"flow_header_errors", "TCP packets with an impossible header length"},
    {"flow_gaps", "holes in TCP streams that were given up"},
    {"flow_gap_bytes", "bytes in holes that were given up"},
    {"flow_held_segments", "TCP segments that waited for a hole to be filled"},
    {"flow_lost_held_segments", "TCP segments beyond a hole, dropped because their stream held too many"},
    {"flow_lost_held_memory", "TCP segments beyond a hole whose bytes were dropped because the memory for them was used up"},
    {"flow_lost_held_bytes", "bytes of the TCP segments dropped for either reason"},
    {"flow_streams_given_up", "TCP streams given up because too much was sent without acknowledgement"},
    {"flow_acks", "acknowledgements of new data in established TCP connections"},
    {"flow_acks_above_gaps", "those of data that was not seen"},
}};

FlowCounter counter_of(RemoveReason r) {
  return static_cast<FlowCounter>(static_cast<size_t>(FlowCounter::RemovedIdle) + static_cast<size_t>(r));
}

uint32_t milliseconds(DurationNs t) {
  return static_cast<uint32_t>(std::clamp<DurationNs>(t / kMillisecond, 0, UINT32_MAX));
}

/// While a packet is handled, the flows of the next so many are on their way: more would push each other out of the first-level cache, and
/// loading them all at once leaves nothing to do meanwhile.
constexpr size_t kFlowsAhead = 8;
/// Two page table walks at a time take hardly longer than one.
constexpr size_t kFlowsAtOnce = 2;

}  // namespace

std::span<const CounterInfo> flow_counter_infos() {
  return kInfos;
}

struct FlowEngine::Impl {
  Impl(const FlowConfig& c, FlowEvents& e)
      : config(c),
        events(e),
        table(c.capacity, c.hash_seed),
        wheel(table),
        extras(c.reassembly_bytes_max),
        tcp(config, events, extras, counters) {}

  void set_key_of(const DecodedPacket& p, PacketKey& k) {
    set_key(p, k);
    if (config.key_by_vlan) k.key.vlan_id = vlan_ids.id(p.vlan, p.inner_vlan);
  }
  void prefetch_flow(size_t i) { likely[i] = table.prefetch_flow(hashes[i]); }
  Seen handle(const DecodedPacket& p, const PacketKey& k, uint64_t hash, FlowIndex likely_flow);
  Flow* find_alive(const DecodedPacket& p, const PacketKey& k, uint64_t hash, FlowIndex likely_flow);
  Expiry expiry(const Flow& f) const { return sensor::expiry(f, config); }
  void check_idleness(Flow& f) {
    if (f.transport != Transport::Tcp && f.datagram.next_idle_check_ns <= now) make_idle_checks(f);
  }
  void make_idle_checks(Flow& f);
  void remove(Flow& f, TimeNs due, RemoveReason reason);
  void expire(Flow& f, TimeNs deadline);
  bool evict_one();
  void advance(TimeNs t, size_t limit);
  Flow* create(const DecodedPacket& p, const PacketKey& k, uint64_t hash);
  DurationNs idle_timeout(Transport t) const;

  Seen handle_tcp(Flow& f, Direction d, const DecodedPacket& p);
  Seen handle_udp(Flow& f, Direction d, const DecodedPacket& p);
  Seen handle_icmp(Flow& f, Direction d, const DecodedPacket& p);
  Seen handle_other(Flow& f, Direction d, const DecodedPacket& p);
  Seen count(Flow& f, Direction d, const DecodedPacket& p, bool datagram);
  Seen bad_checksum(Flow& f, Direction d, const Weird& weird, bool in_history);
  void weird(Flow& f, const Weird& w) {
    f.had_weird = true;
    events.flow_weird(f, w);
  }

  const FlowConfig config;
  FlowEvents& events;
  CounterBlock<FlowCounter> counters;
  FlowTable table;
  VlanIds vlan_ids;
  TimerWheel wheel;
  FlowExtras extras;
  TcpMachine tcp;
  PacketTimes packet_times;
  TimeNs now = 0;
  TimeNs promised = 0;  // watermark(): packets older than the clock begin connections whose time is over before it
  FlowIndex eviction_hand = 0;
  std::array<PacketKey, kBurst> keys;
  std::array<uint64_t, kBurst> hashes{};
  std::array<FlowIndex, kBurst> likely{};
  size_t burst_size = 0;
};

static_assert(FlowEngine::kMaxRemovalDelayNs == DurationNs{1} << TimerWheel::kTickShift);

FlowEngine::FlowEngine(const FlowConfig& config, FlowEvents& events) : impl_(std::make_unique<Impl>(config, events)) {}
FlowEngine::~FlowEngine() = default;

TimeNs FlowEngine::watermark() const {
  return impl_->promised;
}
TimeNs FlowEngine::now() const {
  return impl_->now;
}
const FlowTable& FlowEngine::table() const {
  return impl_->table;
}
const CounterBlock<FlowCounter>& FlowEngine::counters() const {
  return impl_->counters;
}

void FlowEngine::begin_burst(std::span<const TimeNs> clocks) {
  impl_->packet_times.begin_burst(clocks);
}

void FlowEngine::prefetch(std::span<const DecodedPacket> burst) {
  assert(burst.size() <= kBurst);
  Impl& m = *impl_;
  for (size_t i = 0; i < burst.size(); i++) {
    m.set_key_of(burst[i], m.keys[i]);
    m.hashes[i] = m.table.hash(m.keys[i].key);
    m.table.prefetch_bucket(m.hashes[i]);
  }
  m.burst_size = burst.size();
  for (size_t i = 0; i < std::min(burst.size(), kFlowsAhead); i++) m.prefetch_flow(i);
}

FlowEngine::Seen FlowEngine::handle(const DecodedPacket& p, size_t i) {
  if (i % kFlowsAtOnce == 0) {
    const size_t end = std::min(i + kFlowsAhead + kFlowsAtOnce, impl_->burst_size);
    for (size_t j = i + kFlowsAhead; j < end; j++) impl_->prefetch_flow(j);
  }
  return impl_->handle(p, impl_->keys[i], impl_->hashes[i], impl_->likely[i]);
}

FlowEngine::Seen FlowEngine::handle(const DecodedPacket& p) {
  PacketKey k;
  impl_->set_key_of(p, k);
  return impl_->handle(p, k, impl_->table.hash(k.key), kNoFlow);
}

FlowEngine::Seen FlowEngine::Impl::handle(const DecodedPacket& p, const PacketKey& k, uint64_t hash, FlowIndex likely_flow) {
  now = std::max({now, p.ts_ns, p.clock_ns});  // packet time never goes back
  if (wheel.is_due(now)) advance(now, kExpiredPerPacket);
  Flow* f = find_alive(p, k, hash, likely_flow);
  if (f == nullptr) f = create(p, k, hash);
  const Direction d = f->role_of(k.src_is_second);
  switch (p.transport) {
    case Transport::Tcp:
      return handle_tcp(*f, d, p);
    case Transport::Udp:
      return handle_udp(*f, d, p);
    case Transport::Icmp:
      return handle_icmp(*f, d, p);
    case Transport::Unknown:
      break;
  }
  return handle_other(*f, d, p);
}

/// The packet's flow, unless its time is over or the packet begins another one.
Flow* FlowEngine::Impl::find_alive(const DecodedPacket& p, const PacketKey& k, uint64_t hash, FlowIndex likely_flow) {
  Flow* f = table.find(k.key, hash, likely_flow);
  if (f == nullptr || f->busy) return f;
  check_idleness(*f);
  const Expiry e = expiry(*f);
  if (e.due <= now) {
    remove(*f, e.due, e.reason);
    return nullptr;
  }
  if (p.transport == Transport::Tcp && tcp.is_reuse(*f, p)) {
    remove(*f, now, RemoveReason::Reused);
    return nullptr;
  }
  return f;
}

DurationNs FlowEngine::Impl::idle_timeout(Transport t) const {
  switch (t) {
    case Transport::Tcp:
      return config.timeout_tcp_handshake_idle_ns;
    case Transport::Udp:
      return config.timeout_udp_idle_ns;
    case Transport::Icmp:
      return config.timeout_icmp_idle_ns;
    case Transport::Unknown:
      break;
  }
  return config.timeout_unknown_ip_idle_ns;
}

/// Who sends first is the originator, unless the ports say that the beginning was missed.
static bool starts_flipped(const DecodedPacket& p, const FlowKey& key, bool src_is_second) {
  const uint16_t src_port = key.port[src_is_second ? 1 : 0], dst_port = key.port[src_is_second ? 0 : 1];
  if (!is_likely_server_port(p.transport, src_port)) return false;
  if (p.tuple.dst.is_v4() && p.tuple.dst.v4_value() == kBroadcast) return false;
  const bool both = is_likely_server_port(p.transport, dst_port);
  if (p.transport == Transport::Udp) return !both;
  const bool syn = (p.tcp.flags & tcpflag::kSyn) != 0, ack = (p.tcp.flags & tcpflag::kAck) != 0;
  if (syn && !ack) return false;
  // With two plausible servers the lower port is the likelier one, except that a SYN+ACK may be a scan.
  return !both || (!syn && src_port < dst_port);
}

Flow* FlowEngine::Impl::create(const DecodedPacket& p, const PacketKey& k, uint64_t hash) {
  Flow* f = table.insert(k.key, hash);
  if (f == nullptr && evict_one()) f = table.insert(k.key, hash);
  assert(f != nullptr);
  counters.add(FlowCounter::Created);
  f->transport = p.transport;
  f->start_ns = f->last_ns = p.ts_ns;
  f->timeout_idle_ms = milliseconds(idle_timeout(p.transport));
  if (p.transport != Transport::Tcp) f->datagram = {};
  const bool flip = starts_flipped(p, k.key, k.src_is_second);
  f->orig_is_second = k.src_is_second != flip;
  if (flip) add_history(*f, extras, '^');
  wheel.arm(*f, expiry(*f).due);
  events.flow_new(*f, p);
  return f;
}

/// Makes the checks that are due. Where one finds the flow silent for long enough it stays, due; else the next one lies ahead.
void FlowEngine::Impl::make_idle_checks(Flow& f) {
  DatagramState& d = f.datagram;
  while (d.next_idle_check_ns <= now) {
    d.next_idle_check_ns = packet_times.first_from(d.next_idle_check_ns, now);
    if (d.next_idle_check_ns - f.last_ns >= d.idle_check_min_ms * kMillisecond) return;
    d.next_idle_check_ns += d.idle_check_period_ms * kMillisecond;
  }
}

void FlowEngine::Impl::expire(Flow& f, TimeNs deadline) {
  const RemoveReason reason = expiry(f).reason;
  counters.add(counter_of(reason));
  events.flow_remove(f, std::max(deadline, promised), reason);
  extras.release(f);
  table.erase(f);
}

void FlowEngine::Impl::remove(Flow& f, TimeNs due, RemoveReason reason) {
  wheel.cancel(f);
  counters.add(counter_of(reason));
  events.flow_remove(f, std::max(due, promised), reason);
  extras.release(f);
  table.erase(f);
}

void FlowEngine::Impl::advance(TimeNs t, size_t limit) {
  now = std::max(now, t);
  const auto due = [this](Flow& f) {
    check_idleness(f);
    return expiry(f).due;
  };
  wheel.advance(now, limit, due, [this](Flow& f, TimeNs deadline) { expire(f, deadline); });
}

/// The table is full: of a few flows in turn, one that never was a conversation goes first, then the one nearest to its end.
bool FlowEngine::Impl::evict_one() {
  Flow* victim = nullptr;
  bool victim_talks = true;
  TimeNs victim_due = kNever;
  for (FlowIndex i = 0; i < std::min(kEvictionSample, table.capacity()); i++) {
    Flow& f = table.at(eviction_hand);
    if (++eviction_hand == table.capacity()) eviction_hand = 0;
    if (f.busy) continue;
    const bool talks = f.dir[0].packets != 0 && f.dir[1].packets != 0;
    const TimeNs due = expiry(f).due;
    if (victim == nullptr || talks < victim_talks || (talks == victim_talks && due < victim_due)) {
      victim = &f;
      victim_talks = talks;
      victim_due = due;
    }
  }
  if (victim == nullptr) return false;
  remove(*victim, now, RemoveReason::Evicted);
  return true;
}

FlowEngine::Seen FlowEngine::Impl::count(Flow& f, Direction d, const DecodedPacket& p, bool datagram) {
  auto& c = f.dir[index(d)];
  c.packets++;
  c.ip_bytes += p.ip_len;
  return {&f, d, datagram};
}

FlowEngine::Seen FlowEngine::Impl::bad_checksum(Flow& f, Direction d, const Weird& w, bool in_history) {
  counters.add(FlowCounter::ChecksumErrors);
  // Told as often as the history mentions it: the log writes it once a day per originator, and where checksums are offloaded every
  // packet of a direction has a bad one.
  if (!is_power_of_ten(++extras.of(f).checksum_errors[index(d)])) return {};
  weird(f, w);
  if (in_history) add_history(f, extras, d, 'C');
  return {};
}

FlowEngine::Seen FlowEngine::Impl::handle_tcp(Flow& f, Direction d, const DecodedPacket& p) {
  if (p.tcp.header_len < kTcpHeaderMin || p.tcp_cut) {
    counters.add(FlowCounter::HeaderErrors);
    weird(f, {p.tcp.header_len < kTcpHeaderMin ? "bad_TCP_header_len" : "truncated_header", "TCP"});
    return {};
  }
  if (!p.checksum_ok) return bad_checksum(f, d, {"bad_TCP_checksum", "TCP"}, true);
  d = tcp.handle(f, d, p);
  constexpr uint8_t kControl = tcpflag::kSyn | tcpflag::kFin | tcpflag::kRst;
  if ((p.tcp.flags & kControl) != 0 || f.deadline_kind == DeadlineKind::Close) wheel.hasten(f, expiry(f).due);
  return count(f, d, p, false);
}

FlowEngine::Seen FlowEngine::Impl::handle_udp(Flow& f, Direction d, const DecodedPacket& p) {
  if (!p.checksum_ok) return bad_checksum(f, d, {"bad_UDP_checksum", "UDP"}, true);
  const int64_t by_ip = int64_t{p.payload_len} + kUdpHeader;
  const int64_t by_udp = p.udp_len < 0 ? by_ip : p.udp_len;
  if (by_udp != by_ip) weird(f, {"UDP_datagram_length_mismatch", "UDP", fmt::format("{} != {}", by_udp, by_ip)});
  f.last_ns = p.ts_ns;
  check_history(f, extras, d, kHistoryData, 'D');
  int64_t& sum = f.datagram.payload_bytes[index(d)];
  sum = (sum < 0 ? 0 : sum) + by_udp - int64_t{kUdpHeader};
  return count(f, d, p, true);
}

FlowEngine::Seen FlowEngine::Impl::handle_icmp(Flow& f, Direction d, const DecodedPacket& p) {
  if (!p.checksum_ok) return bad_checksum(f, d, {"bad_ICMP_checksum", "ICMP"}, false);
  f.last_ns = p.ts_ns;
  int64_t& sum = f.datagram.payload_bytes[index(d)];
  sum = (sum < 0 ? 0 : sum) + p.payload_len;
  if (p.payload.size() < p.payload_len) return {};  // Zeek counts whole messages only
  return count(f, d, p, true);
}

FlowEngine::Seen FlowEngine::Impl::handle_other(Flow& f, Direction d, const DecodedPacket& p) {
  f.last_ns = p.ts_ns;
  return count(f, d, p, false);
}

void FlowEngine::recount(Flow& flow, Direction d, const DecodedPacket& packet) {
  auto& there = flow.dir[index(opposite(d))];
  auto& here = flow.dir[index(d)];
  there.packets--;
  there.ip_bytes -= packet.ip_len;
  here.packets++;
  here.ip_bytes += packet.ip_len;
}

void FlowEngine::advance(TimeNs now, size_t limit) {
  impl_->advance(now, limit);
  impl_->promised = impl_->wheel.handled_until();
}

void FlowEngine::finish(TimeNs end) {
  Impl& m = *impl_;
  m.advance(end, SIZE_MAX);
  for (FlowIndex i = 0; i < m.table.high_water(); i++) {
    Flow& f = m.table.at(i);
    if (!f.in_use) continue;
    m.check_idleness(f);
    const Expiry e = m.expiry(f);
    if (e.due <= m.now) {
      m.remove(f, e.due, e.reason);
    } else {
      m.remove(f, m.now, RemoveReason::EndOfInput);
    }
  }
}

ConnSummary FlowEngine::summary(const Flow& flow) const {
  return summarize(flow, impl_->extras);
}

void FlowEngine::set_wanted(Flow& flow, Direction d, bool wanted) {
  if (d == Direction::Orig) {
    flow.want_orig = wanted;
  } else {
    flow.want_resp = wanted;
  }
  if (wanted || flow.transport != Transport::Tcp || !flow.endpoint(d).held) return;
  impl_->extras.drop_held(impl_->extras.of(flow), index(d), true);
}

void FlowEngine::flip_roles(Flow& flow) {
  sensor::flip_roles(flow, impl_->extras, impl_->events);
}

void FlowEngine::mention(Flow& flow, char letter) {
  if (history_text(flow, impl_->extras).find(letter) == std::string::npos) add_history(flow, impl_->extras, letter);
}

void FlowEngine::end_when_idle(Flow& flow, DurationNs period, DurationNs min_idle) {
  if (flow.transport == Transport::Tcp) return;
  flow.datagram.idle_check_period_ms = milliseconds(period);
  flow.datagram.idle_check_min_ms = milliseconds(min_idle);
  flow.datagram.next_idle_check_ns = period == 0 ? kNever : flow.start_ns + period;
  impl_->wheel.hasten(flow, expiry_once_idle(flow, impl_->config).due);
}

void FlowEngine::set_idle_timeout(Flow& flow, DurationNs timeout) {
  flow.timeout_idle_ms = milliseconds(timeout);
  impl_->wheel.hasten(flow, expiry_once_idle(flow, impl_->config).due);
}

}  // namespace sensor
