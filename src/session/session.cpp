#include "sensor/session/session.h"

#include <algorithm>
#include <utility>

#include "conn_state.h"
#include "dns_analyzer.h"
#include "dpi/arp/arp.h"
#include "dpi/filetype/filetype.h"
#include "expectations.h"
#include "icmp_log.h"
#include "sensor/base/hash.h"
#include "sensor/base/hex.h"
#include "sensor/record/arp.h"
#include "sensor/record/dhcp.h"
#include "sensor/record/weird.h"
#include "sensor/session/file_analysis.h"
#include "sensor/session/protocols.h"
#include "session_context.h"
#include "table_checks.h"
#include "tunnel_log.h"

namespace sensor {

Session::Session(const SessionConfig& config, Decoder& decoder, FragmentReassembler& fragments, RecordWriter& records,
                 ConnectionListener& listener)
    : config_(config),
      protocols_(config.protocols_off.mask),
      decoder_(decoder),
      fragments_(fragments),
      records_(records),
      listener_(listener),
      ndpi_(NdpiClassifier::Options{.max_leases = config.label_states,
                                    .ftp_is_read = reader_of(ProtocolId::Ftp, Transport::Tcp).has_value()}),
      files_(std::make_unique<FileAnalysis>(config.files)),
      expectations_(std::make_unique<Expectations>()),
      context_(std::make_unique<SessionContext>(*this)),
      table_checks_(std::make_unique<TableChecks>()),
      icmp_(std::make_unique<IcmpLog>(records)),
      tunnels_(std::make_unique<TunnelLog>(records, config.uid_seed)),
      tracker_(config.flow, *this),
      tails_(tracker_.capacity()) {}

Session::~Session() {
  for (uint32_t i = 0; i < tails_used_; i++) delete tails_[i].state;  // of connections that finish() did not end
}

void Session::make_ready() {
  if (config_.labels) ndpi_.make_ready();
  filetype::make_ready();
}

Uid Session::uid(const Flow& flow) const {
  const FlowKey& k = flow.key;
  const uint64_t ports = uint64_t{k.port[0]} << 32 | uint64_t{k.port[1]} << 16 | k.ip_proto;
  uint64_t h = mix64(config_.uid_seed ^ k.addr[0].hi(), k.addr[0].lo());
  h = mix64(h ^ k.addr[1].hi(), k.addr[1].lo());
  h = mix64(h ^ ports, static_cast<uint64_t>(flow.start_ns));
  if (k.vlan_id != 0) h = mix64(h, uint64_t{tail(flow).vlan} << 16 | tail(flow).inner_vlan);
  return {h, static_cast<uint32_t>(mix64(h, ports ^ static_cast<uint64_t>(flow.start_ns)) >> 32), 'C'};
}

ConnHeader Session::header(const Flow& flow) const {
  return {Time{flow.start_ns},    uid(flow),        flow.orig_addr(), Port{flow.orig_port()}, flow.resp_addr(),
          Port{flow.resp_port()}, flow.key.ip_proto};
}

void Session::on_new(Flow& flow, const DecodedPacket& packet) {
  if (free_tails_.empty()) free_tails_.push_back(++tails_used_);
  flow.session = free_tails_.back();
  free_tails_.pop_back();
  Tail& t = tail(flow);
  t = Tail{};
  t.vlan = packet.vlan;
  t.inner_vlan = packet.inner_vlan;
  t.has_mac = packet.has_mac;
  t.orig_mac = packet.src_mac;
  t.resp_mac = packet.dst_mac;
  if (flow.orig_addr() != packet.tuple.src) std::swap(t.orig_mac, t.resp_mac);
  if (packet.tunnel_depth != 0) {
    t.in_tunnel = true;
    tunnels_->on_connection(flow.session, packet);
  }
  listener_.on_connection_open(tracker_.now(), flow.transport);
  const bool payload_matters = flow.transport == Transport::Tcp || flow.transport == Transport::Udp;
  flow.want_orig = flow.want_resp = payload_matters || (flow.transport == Transport::Icmp && config_.icmp);
  flow.want_packets = (payload_matters && config_.labels) || t.in_tunnel;
  t.analysis_over = !payload_matters;
  if (!expectations_->empty() && payload_matters) meet_expectation(flow, kEndOfTime);
}

void Session::on_datagram(Flow& flow, Direction d, const DecodedPacket& packet) {
  if (flow.transport == Transport::Icmp) return icmp_->on_message(flow.session, header(flow), packet, tracker_.now());
  // Of all that Zeek starts by a datagram's port, only DNS says something of one without content.
  if (packet.payload.empty() && std::ranges::find(kDnsUdpPorts, flow.resp_port()) == std::end(kDnsUdpPorts)) return;
  read_tunnel(flow, d, packet);
  on_data(flow, d, packet.payload);
}

/// Zeek makes a connection of a tunnel over UDP, and then connections of what it carries.
void Session::read_tunnel(Flow& flow, Direction d, const DecodedPacket& packet) {
  Tail& t = tail(flow);
  const Uid id = uid(flow);
  Encapsulation carrier{
      flow.orig_addr(), flow.resp_addr(), flow.orig_port(), flow.resp_port(), ipproto::kUdp, TunnelType::None, id.lo, id.hi};
  DecodedPacket& inner = carried_[packet.tunnel_depth];
  const UdpTunnelResult r = decoder_.decode_udp_tunnel(packet, carrier, d == Direction::Orig, t.tunnel, inner);
  if (r.history_unknown) tracker_.mention(flow, 'X');
  if (r.tunnel == UdpTunnel::None) return;
  t.is_tunnel = true;
  if (r.confirmed) add_service(t, r.service);
  for (const DecodeWeird& w : inner.weirds)
    if (w.kind == DecodeWeird::Kind::ParentConn) on_weird(flow, Weird{w.name(), w.source, w.addl.view()});
  inner.clock_ns = packet.clock_ns;
  const DecodeStatus status = r.status == DecodeStatus::Fragment ? fragments_.add_all(inner) : r.status;
  write_decode_weirds(inner);
  if (status != DecodeStatus::Packet) return;
  identify_tunnels(inner);
  tracker_.process(std::span(&inner, 1));
}

void Session::on_data(Flow& flow, Direction d, Bytes bytes) {
  now_ = tracker_.now();
  Tail& t = tail(flow);
  if (t.analysis_over) return stop_reading(flow);
  put_to_sleep(t, now_);
  const bool first_payload = t.state == nullptr && t.sleeper == 0;
  if (first_payload && !t.expected && !expectations_->empty()) meet_expectation(flow, flow.start_ns);
  ConnState& s = state(flow);
  s.resting_since = 0;
  deliver(flow, s, d, bytes, false);
  bytes = rest_for_detection(s, bytes);
  if (s.keeping && !s.inside && !bytes.empty()) detect(flow, s, d, bytes);
  drop_finished_analyzers(flow, s);
  settle(flow);
}

void Session::on_gap(Flow& flow, Direction d, uint64_t bytes) {
  now_ = tracker_.now();
  Tail& t = tail(flow);
  if (t.analysis_over) return stop_reading(flow);
  put_to_sleep(t, now_);
  ConnState& s = state(flow);
  s.resting_since = 0;
  s.had_gap = true;
  deliver_gap(flow, s, d, bytes, false);
  if (s.keeping && s.kept != nullptr) s.kept->add_gap(d, bytes);  // in front of all data, Zeek does not keep it either
  drop_finished_analyzers(flow, s);
  settle(flow);
}

void Session::on_eof(Flow& flow, Direction d) {
  now_ = tracker_.now();
  ConnState* s = tail(flow).state;
  if (s == nullptr) {
    if (config_.tell_refused && flow.endpoint(d).state == TcpState::Reset) tell_refused(flow);
    return;
  }
  for (size_t i = 0, n = s->analyzers.size(); i < n; i++) {
    if (s->analyzers[i].finished) continue;
    context_->point_at(flow, *s, i);
    s->analyzers[i].analyzer->on_eof(*context_, d);
  }
  drop_finished_analyzers(flow, *s);
  settle(flow);
  Tail& t = tail(flow);
  if (t.state == nullptr) return;
  s->ended |= 1U << index(d);
  if (s->ended == 3 && s->resting_since != 0) sleep(t);
}

void Session::on_reset(Flow& flow) {
  now_ = tracker_.now();
  ConnState* s = tail(flow).state;
  if (s == nullptr) return;
  for (size_t i = 0, n = s->analyzers.size(); i < n; i++) {
    if (s->analyzers[i].finished) continue;
    context_->point_at(flow, *s, i);
    s->analyzers[i].analyzer->on_reset(*context_);
  }
  drop_finished_analyzers(flow, *s);
  settle(flow);
}

void Session::on_packet(Flow& flow, Direction, const DecodedPacket& packet) {
  now_ = tracker_.now();
  if (packet.tunnel_depth != 0 || tail(flow).in_tunnel) follow_tunnels(flow, packet);
  const bool payload_matters = flow.transport == Transport::Tcp || flow.transport == Transport::Udp;
  if (payload_matters && config_.labels) label_packet(flow, packet);
}

void Session::identify_tunnels(DecodedPacket& packet) {
  tunnels_->identify(packet);
}

/// The connection may have come through other tunnels than before.
void Session::follow_tunnels(Flow& flow, const DecodedPacket& packet) {
  Tail& t = tail(flow);
  t.in_tunnel = true;
  flow.want_packets = true;
  if (!tunnels_->on_packet(flow.session, packet)) return;
  on_weird(flow, Weird{TunnelLog::kTooManyChanges, {}, TunnelLog::kMaxChangesText});
  tracker_.mention(flow, 'X');
}

void Session::on_flip(Flow& flow) {
  Tail& t = tail(flow);
  std::swap(t.orig_mac, t.resp_mac);
  if (t.state != nullptr) t.state->header = header(flow);
  if (!expectations_->empty() && !t.expected && !t.analysis_over) meet_expectation(flow, kEndOfTime);
}

void Session::on_weird(Flow& flow, const Weird& weird) {
  write_weird(flow, weird, tracker_.now());
}

void Session::write_weird(const Flow& flow, const Weird& weird, TimeNs ts) {
  WeirdRecord r;
  const ConnHeader h = header(flow);
  r.ts = Time{ts};
  r.uid = h.uid;
  r.orig_h = h.orig_h;
  r.orig_p = h.orig_p;
  r.resp_h = h.resp_h;
  r.resp_p = h.resp_p;
  r.ip_protocol = h.ip_protocol;
  r.name = weird.name;
  const std::string_view addl = weird.addl.substr(0, weird.addl.find('\0'));  // where Zeek's ends
  if (!addl.empty()) r.addl = addl;
  if (!weird.source.empty()) r.source = weird.source;
  r.scope = static_cast<uint64_t>(WeirdScope::Connection);
  records_.write(r.ts.ns, r.uid, r);
}

void Session::write_arp(const DecodedPacket& packet) {
  if (!config_.arp) return;
  const auto m = arp::parse(packet.payload);
  if (!m) return;
  ArpRecord r;
  r.ts = Time{packet.ts_ns};
  if (packet.vlan != 0) r.vlan = packet.vlan;
  if (packet.has_mac) {
    r.orig_l2_addr = hex(packet.src_mac, ':');
    r.resp_l2_addr = hex(packet.dst_mac, ':');
  }
  const auto name = arp::operation_name(m->operation);
  r.operation = name.empty() ? std::to_string(m->operation) : std::string(name);
  r.sender_mac = hex(m->sender_mac, ':');
  r.sender = m->sender;
  r.target_mac = hex(m->target_mac, ':');
  r.target = m->target;
  r.gratuitous = m->announces();
  r.claims = m->claims();
  records_.write(std::max(packet.ts_ns, packet.clock_ns), Uid{}, r);
}

void Session::write_decode_weirds(const DecodedPacket& packet) {
  for (const DecodeWeird& w : packet.weirds) {
    if (w.kind != DecodeWeird::Kind::Net && w.kind != DecodeWeird::Kind::Flow) continue;
    WeirdRecord r;
    r.ts = Time{packet.clock_ns};
    if (w.kind == DecodeWeird::Kind::Flow) {
      r.orig_h = w.src;
      r.orig_p = Port{0};
      r.resp_h = w.dst;
      r.resp_p = Port{0};
      r.scope = static_cast<uint64_t>(WeirdScope::Flow);
    }
    r.name = w.name();
    if (w.addl.size != 0) r.addl = w.addl.view();
    if (!w.source.empty()) r.source = w.source;
    records_.write(std::max(packet.ts_ns, packet.clock_ns), Uid{}, r);
  }
}

void Session::begin_burst(std::span<const TimeNs> clocks) {
  tracker_.begin_burst(clocks);
  tunnels_->begin_burst(clocks);
  files_->begin_burst(clocks);
  check_tables(clocks);
}

/// Tells the log thread that Zeek would look for exchanges that are over.
void Session::check_tables(std::span<const TimeNs> clocks) {
  table_checks_->advance(clocks, [&](TimeNs t) {
    DhcpEventRecord r;
    r.ts = Time{t};
    r.table_check = true;
    records_.write(t, Uid{}, r);
  });
}

void Session::advance(TimeNs now) {
  tunnels_->advance(now);
  check_tables({&now, 1});
  files_->advance(records_, now);
  for (; !resting_.empty() && resting_.front().since + kRestNs <= now; resting_.pop_front())
    put_to_sleep(tails_[resting_.front().session - 1], now);
}

void Session::finish(TimeNs now) {
  tracker_.finish(now);
  files_->finish(records_, now);
}

void Session::expect(const Expectation& expectation) {
  expectations_->add(expectation, std::max(tracker_.now(), expectation.announced_ns));
}

/// An analyzer of this worker expects a connection.
void Session::announce(Expectation expectation) {
  expectation.announced_ns = tracker_.now();
  expect(expectation);
  listener_.on_expectation(expectation);
}

/// Interactive protocols, by their ports.
void Session::on_established(Flow& flow) {
  constexpr std::array<uint16_t, 4> kInteractivePorts{21, 22, 23, 513};
  if (std::ranges::find(kInteractivePorts, flow.resp_port()) != kInteractivePorts.end()) tracker_.set_idle_timeout(flow, 60 * kMinute);
}

void Session::on_remove(Flow& flow, TimeNs due, RemoveReason reason) {
  now_ = due;
  Tail& t = tail(flow);
  finish_analyzers(flow);
  finish_label(flow);
  write_conn(flow, due);
  if (t.state != nullptr) release_state(t);
  if (t.expected && reason != RemoveReason::Reused)
    expectations_->fulfil(flow.orig_addr(), flow.resp_addr(), flow.resp_port(), flow.transport);
  const bool maybe_carrier = t.is_tunnel || flow.transport == Transport::Unknown;  // of a tunnel over UDP, or directly over IP
  maybe_carrier ? tunnels_->on_remove_carrier(header(flow), flow.key.ip_proto, due) : tunnels_->on_remove(due);
  if (t.in_tunnel) tunnels_->forget(flow.session);
  if (flow.transport == Transport::Icmp) icmp_->on_remove(flow.session, header(flow), due);
  free_tails_.push_back(flow.session);
}

ConnState& Session::state(Flow& flow) {
  Tail& t = tail(flow);
  if (t.state != nullptr) return *t.state;
  if (free_states_.empty()) free_states_.push_back(std::make_unique<ConnState>());
  t.state = free_states_.back().release();
  free_states_.pop_back();
  open_states_++;
  t.state->header = header(flow);
  if (t.sleeper != 0) {
    wake(flow, *t.state);
  } else if (!t.expected) {
    start_port_analyzers(flow, *t.state);
  }
  return *t.state;
}

void Session::release_state(Tail& t) {
  ndpi_.cancel(t.state->lease);
  forget_kept(*t.state);
  t.state->reset();
  free_states_.emplace_back(std::exchange(t.state, nullptr));
  open_states_--;
}

/// Gives back what a connection no longer needs.
void Session::settle(Flow& flow) {
  Tail& t = tail(flow);
  ConnState& s = *t.state;
  if (!s.analyzers.empty() || s.detecting) {
    if (rests(s)) rest(flow, t);
    return;
  }
  finish_set_aside(flow, s);
  t.analysis_over = true;
  stop_reading(flow);
  if (t.recognised) finish_label(flow);
  if (t.label_done) release_state(t);
}

/// Its one analyzer has nothing in hand, and nothing else of its state can matter any more.
bool Session::rests(const ConnState& s) {
  return s.analyzers.size() == 1 && !s.inside && !s.had_gap && s.set_aside == nullptr && s.analyzers[0].analyzer->at_rest() &&
         s.analyzers[0].service == protocols()[s.analyzers[0].protocol].key;
}

/// A whole exchange went well: no other protocol is looked for any more.
void Session::rest(Flow& flow, Tail& t) {
  t.state->detecting = t.state->keeping = false;
  forget_kept(*t.state);
  finish_label(flow);
  t.state->resting_since = now_;
  resting_.push_back({flow.session, now_});
}

/// Unless it is at work again or has not rested for long. What it still knew of the past and forgets now may show in the logs of broken
/// streams, so it depends on nothing but the connection's own packets.
void Session::put_to_sleep(Tail& t, TimeNs now) {
  if (t.state != nullptr && t.state->resting_since != 0 && now >= t.state->resting_since + kRestNs) sleep(t);
}

void Session::sleep(Tail& t) {
  t.sleeper = static_cast<uint8_t>(t.state->analyzers[0].protocol + 1);
  t.memory = t.state->analyzers[0].analyzer->sleep();
  release_state(t);
}

void Session::wake(Flow& flow, ConnState& s) {
  Tail& t = tail(flow);
  s.detecting = s.keeping = false;
  s.ruled_out = ~uint64_t{0};
  const size_t protocol = std::exchange(t.sleeper, uint8_t{0}) - 1U;
  attach(flow, s, protocol);
  s.analyzers[0].service = protocols()[protocol].key;
  context_->point_at(flow, s, 0);
  s.analyzers[0].analyzer->wake(*context_, t.memory);
}

void Session::stop_reading(Flow& flow) {
  if (tail(flow).is_tunnel) return;
  tracker_.set_wanted(flow, Direction::Orig, false);
  tracker_.set_wanted(flow, Direction::Resp, false);
}

}  // namespace sensor
