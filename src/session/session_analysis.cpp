// Which analyzers read a connection: by port, by content, or because another protocol hands over to them.
#include <algorithm>
#include <array>
#include <bit>
#include <utility>

#include "conn_state.h"
#include "expectations.h"
#include "sensor/session/protocols.h"
#include "sensor/session/session.h"
#include "session_context.h"
#include "tunnel_log.h"

namespace sensor {
namespace {

/// One side's bytes alone.
ProbeInput probe_input(const Flow& flow, Direction d, Bytes bytes) {
  ProbeInput in{{}, {}, flow.orig_port(), flow.resp_port()};
  (d == Direction::Orig ? in.orig : in.resp) = bytes;
  return in;
}

}  // namespace

/// Zeek starts the analyzers of well-known ports before it has seen what they say.
void Session::start_port_analyzers(Flow& flow, ConnState& s) {
  each_protocol(protocols_.on_port(flow.transport, flow.resp_port()), [&](size_t i) {
    if (!flow.tcp_partial || protocols()[i].partial != PartialStreams::Skip) attach(flow, s, i);
  });
}

/// A connection that another one announced is read as that one says, whatever its port. Looked for when it begins, and once more at its
/// first payload: an announcement from another worker, made `before` that time, may have arrived meanwhile.
void Session::meet_expectation(Flow& flow, TimeNs before) {
  const Expectation* e = expectations_->find(flow.orig_addr(), flow.resp_addr(), flow.resp_port(), flow.transport, tracker_.now());
  if (e == nullptr || e->announced_ns > before) return;
  const auto protocol = reader_of(e->protocol, flow.transport);
  if (!protocol) return;
  Tail& t = tail(flow);
  t.expected = true;
  ConnState& s = state(flow);
  now_ = tracker_.now();
  attach(flow, s, *protocol);
  context_->point_at(flow, s, s.analyzers.size() - 1);
  s.analyzers.back().analyzer->on_expected(*context_, *e);
  if (!e->service.empty()) context_->confirm(e->service);
}

/// Place among protocols() of the one that reads `id` over a transport, unless it is switched off.
std::optional<size_t> Session::reader_of(ProtocolId id, Transport transport) const {
  std::optional<size_t> place;
  each_protocol(protocols_.over(transport), [&](size_t i) {
    if (protocols()[i].id == id) place = i;
  });
  return place;
}

void Session::attach(Flow&, ConnState& s, size_t protocol) {
  s.ruled_out |= uint64_t{1} << protocol;
  s.analyzers.push_back({static_cast<uint8_t>(protocol), false, false, s.inside, 0, protocols()[protocol].make(), {}});
}

/// To the analyzers of the stream, or of what is unwrapped from it, that were attached as number `first` or later.
void Session::deliver(Flow& flow, ConnState& s, Direction d, Bytes bytes, bool inside, size_t first) {
  for (size_t i = first, n = s.analyzers.size(); i < n; i++) {
    // A connection may turn out to be partial later than with its first packet.
    if (s.analyzers[i].finished || s.analyzers[i].inside != inside ||
        (flow.tcp_partial && protocols()[s.analyzers[i].protocol].partial == PartialStreams::Skip))
      continue;
    context_->point_at(flow, s, i);
    s.analyzers[i].analyzer->on_data(*context_, d, bytes);
  }
}

void Session::deliver_gap(Flow& flow, ConnState& s, Direction d, uint64_t bytes, bool inside, size_t first) {
  for (size_t i = first, n = s.analyzers.size(); i < n; i++) {
    if (s.analyzers[i].finished || s.analyzers[i].inside != inside) continue;
    context_->point_at(flow, s, i);
    s.analyzers[i].analyzer->on_gap(*context_, d, bytes);
  }
}

/// What the connection has kept for detection; taken from the free ones at its first use, given back by forget_kept().
DetectBuffer& Session::kept(ConnState& s) {
  if (s.kept != nullptr) return *s.kept;
  if (free_buffers_.empty()) free_buffers_.push_back(std::make_unique<DetectBuffer>());
  s.kept = std::move(free_buffers_.back());
  free_buffers_.pop_back();
  return *s.kept;
}

void Session::forget_kept(ConnState& s) {
  recycle(std::move(s.kept));
}

void Session::recycle(std::unique_ptr<DetectBuffer> buffer) {
  if (buffer == nullptr) return;
  buffer->clear();
  free_buffers_.push_back(std::move(buffer));
}

/// What detection is to look at of a piece that was delivered: all of it, or what an analyzer handed on.
Bytes Session::rest_for_detection(ConnState& s, Bytes piece) {
  if (!s.began_anew) return piece;
  s.began_anew = false;
  return s.handed_on;
}

void Session::detect(Flow& flow, ConnState& s, Direction d, Bytes piece) {
  flow.transport == Transport::Tcp ? detect_in_stream(flow, s, d, piece) : detect_in_datagram(flow, s, d, piece);
}

void Session::detect_in_stream(Flow& flow, ConnState& s, Direction d, Bytes piece) {
  if (s.kept == nullptr && piece.size() > config_.detect_bytes) {  // needs no buffer
    s.keeping = false;
    if (s.detecting) probe(flow, s, probe_input(flow, d, piece), d, piece);
    if (!s.keeping) s.detecting = false;
    return;
  }
  DetectBuffer& all = kept(s);
  if (!s.detecting && all.would_fill(piece.size(), config_.detect_bytes)) return stop_detection(s);
  all.add(d, piece);
  if (s.detecting) probe(flow, s, {all.prefix(Direction::Orig), all.prefix(Direction::Resp), flow.orig_port(), flow.resp_port()}, d, {});
  if (s.kept != nullptr && s.kept->full(config_.detect_bytes)) stop_detection(s);
}

void Session::detect_in_datagram(Flow& flow, ConnState& s, Direction d, Bytes datagram) {
  if (s.detecting) probe(flow, s, probe_input(flow, d, datagram), d, datagram);
  if (s.detecting) kept(s).add(d, datagram);
  if (!s.detecting || s.kept->full(config_.detect_bytes)) stop_detection(s);
}

void Session::stop_detection(ConnState& s) {
  s.detecting = s.keeping = false;
  forget_kept(s);
}

/// Attaches the first protocol that is certain; stops asking when none is unsure any more. `piece`: what is in `in` but is not kept.
void Session::probe(Flow& flow, ConnState& s, const ProbeInput& in, Direction d, Bytes piece) {
  const bool stream = flow.transport == Transport::Tcp;
  bool open = false;
  ProtocolMask asked = protocols_.over(flow.transport) & ~s.ruled_out;
  if (flow.tcp_partial) asked &= protocols_.partial();
  for (; asked != 0; asked &= asked - 1) {
    const auto i = static_cast<size_t>(std::countr_zero(asked));
    ProbeInput view = in;
    if ((s.used[0] >> i & 1) != 0) view.orig = {};
    if ((s.used[1] >> i & 1) != 0) view.resp = {};
    const Probe verdict = protocols()[i].probe(view);
    if (verdict == Probe::NotForUs && stream) s.ruled_out |= uint64_t{1} << i;
    open |= verdict == Probe::Unsure || !stream;
    if (verdict != Probe::Certain) continue;
    attach(flow, s, i);
    s.recognise(i);
    tail(flow).recognised = true;
    s.detecting = false;
    replay(flow, s, s.analyzers.size() - 1, d, piece);
    return;
  }
  s.detecting = open;
}

/// Gives an analyzer what came before it, and the `piece` at hand if it is not kept. One that finds a violation still gets the rest, as it
/// would within one packet. What it hands on on the way is looked at as it would be in on_data().
void Session::replay(Flow& flow, ConnState& s, size_t attached, Direction d, Bytes piece) {
  std::unique_ptr<DetectBuffer> all = std::move(s.kept);  // a new detection keeps what it sees in another one
  const bool inside = s.analyzers[attached].inside;
  bool anew = false;
  const auto on_data = [&](Direction from, Bytes bytes) {
    deliver(flow, s, from, bytes, inside, attached);
    anew |= s.began_anew || s.inside != inside;
    const Bytes rest = rest_for_detection(s, bytes);
    if (anew && s.keeping && s.inside == inside && !rest.empty()) detect(flow, s, from, rest);
  };
  const auto on_gap = [&](Direction from, uint64_t bytes) {
    deliver_gap(flow, s, from, bytes, inside, attached);
    if (anew && s.keeping) kept(s).add_gap(from, bytes);
  };
  if (all != nullptr) all->replay(on_data, on_gap);
  if (!piece.empty()) on_data(d, piece);
  if (anew) return recycle(std::move(all));
  s.kept = std::move(all);
}

void Session::drop_finished_analyzers(Flow& flow, ConnState& s) {
  if (std::ranges::none_of(s.analyzers, [](const ConnState::Attached& a) { return a.finished || a.violated; })) return;
  while (drop_violated_analyzers(flow, s)) {}
  std::erase_if(s.analyzers, [](const ConnState::Attached& a) { return a.finished; });
}

/// A stream whose protocol was not what it seemed may still turn out to be another one, or the same by what the other side says.
/// True when a protocol was dropped. Ends, because a side speaks for a protocol only once.
bool Session::drop_violated_analyzers(Flow& flow, ConnState& s) {
  uint64_t violated = 0;
  for (size_t i = 0; i < s.analyzers.size(); i++) {
    if (!s.analyzers[i].violated || s.analyzers[i].finished) continue;
    context_->point_at(flow, s, i);
    if (s.analyzers[i].analyzer->on_violated(*context_)) set_aside(s, i);
    tracker_.end_when_idle(flow, 0, 0);  // of TCP, nobody asks for that
    s.analyzers[i].finished = true;
    violated |= uint64_t{1} << s.analyzers[i].protocol;
  }
  if (violated == 0 || !s.keeping || flow.transport != Transport::Tcp) return violated != 0;
  const auto all = protocols();
  const DetectBuffer& all_bytes = kept(s);
  const ProbeInput in{all_bytes.prefix(Direction::Orig), all_bytes.prefix(Direction::Resp), flow.orig_port(), flow.resp_port()};
  for (size_t i = 0; i < all.size(); i++) {
    if ((violated >> i & 1) == 0) continue;
    const bool orig_speaks = all[i].probe({in.orig, {}, in.orig_port, in.resp_port}) == Probe::Certain;
    const bool resp_speaks = all[i].probe({{}, in.resp, in.orig_port, in.resp_port}) == Probe::Certain;
    const bool only_both = !orig_speaks && !resp_speaks && all[i].probe(in) == Probe::Certain;
    if (orig_speaks || only_both) s.used[0] |= uint64_t{1} << i;
    if (resp_speaks || only_both) s.used[1] |= uint64_t{1} << i;
  }
  s.ruled_out &= ~violated;
  s.detecting = true;
  probe(flow, s, in, Direction::Orig, {});
  return true;
}

void Session::finish_analyzers(Flow& flow) {
  ConnState* s = tail(flow).state;
  if (s == nullptr) return;
  for (size_t i = 0; i < s->analyzers.size(); i++) {
    context_->point_at(flow, *s, i);
    if (!s->analyzers[i].finished) s->analyzers[i].analyzer->on_finish(*context_);
  }
  finish_set_aside(flow, *s);
}

/// Only the last one is kept: what it knows is all there is to go on from.
void Session::set_aside(ConnState& s, size_t analyzer) {
  if (s.set_aside != nullptr) s.set_aside->on_finish(*context_);
  s.set_aside = std::move(s.analyzers[analyzer].analyzer);
  s.set_aside_protocol = s.analyzers[analyzer].protocol;
}

void Session::finish_set_aside(Flow& flow, ConnState& s) {
  if (s.set_aside == nullptr) return;
  s.analyzers.push_back({s.set_aside_protocol, true, false, false, 0, std::move(s.set_aside), {}});
  context_->point_at(flow, s, s.analyzers.size() - 1);
  s.analyzers.back().analyzer->on_finish(*context_);
  s.analyzers.pop_back();
}

void Session::add_service(Tail& t, std::string_view service) {
  if (has_service(t, service)) return;
  auto it = std::ranges::find(service_names_, service);
  if (it == service_names_.end()) it = service_names_.insert(it, service);
  const auto slot = std::ranges::find(t.services, 0);
  if (slot != t.services.end()) *slot = static_cast<uint8_t>(it - service_names_.begin() + 1);
}

bool Session::has_service(const Tail& t, std::string_view service) const {
  return std::ranges::any_of(t.services, [&](uint8_t id) { return id != 0 && service_names_[id - 1U] == service; });
}

void Session::remove_service(Tail& t, std::string_view service) {
  const auto end = std::ranges::remove_if(t.services, [&](uint8_t id) { return id != 0 && service_names_[id - 1U] == service; });
  std::ranges::fill(end, 0);
}

void SessionContext::confirm(std::string_view service) {
  attached().service = service;
  Session::Tail& t = session_.tail(*flow_);
  session_.add_service(t, service);
  state_->recognise(attached().protocol);
  t.recognised = true;
}

/// Of a connection that was seen only in part, Zeek takes nothing amiss.
bool SessionContext::incomplete() const {
  return flow_->transport == Transport::Tcp && (flow_->tcp_partial || state_->had_gap);
}

/// Nor does it take one that has gone well for a while for something else.
bool SessionContext::forgives() const {
  if (incomplete()) return true;
  const ConnSummary sum = session_.tracker_.summary(*flow_);
  return sum.orig_bytes + sum.resp_bytes > session_.config_.ignore_violations_after_bytes;
}

void SessionContext::confirm_carried(std::string_view service) {
  session_.add_service(session_.tail(*flow_), service);
}

void SessionContext::deny_carried(std::string_view service) {
  if (!forgives()) session_.remove_service(session_.tail(*flow_), service);
}

void SessionContext::violation(std::string_view) {
  if (!incomplete()) count_violation();
  if (forgives()) return;
  if (!attached().service.empty()) session_.remove_service(session_.tail(*flow_), attached().service);
  attached().violated = true;
}

/// More than so many of one analyzer are a weird.
void SessionContext::count_violation() {
  constexpr uint16_t kMaxViolations = 1000;
  ConnState::Attached& a = attached();
  if (a.violations > kMaxViolations || ++a.violations <= kMaxViolations) return;
  std::string source(a.service.empty() ? protocols()[a.protocol].key : a.service);
  std::ranges::transform(source, source.begin(), [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
  weird("too_many_analyzer_violations", {}, source);
}

void SessionContext::weird(std::string_view name, std::string_view addl, std::string_view source) {
  // Zeek tells of these once per connection, whichever side and analyzer they come from.
  static constexpr std::array<std::string_view, 2> kOnce{"NUL_in_line", "line_terminated_with_single_CR"};
  if (const auto once = std::ranges::find(kOnce, name); once != kOnce.end()) {
    const auto bit = static_cast<uint8_t>(1U << (once - kOnce.begin()));
    if ((state_->told & bit) != 0) return;
    state_->told |= bit;
  }
  session_.write_weird(*flow_, Weird{name, source, addl}, session_.now_);
}

void SessionContext::start(ProtocolId protocol, Direction d, Bytes rest) {
  const auto place = session_.reader_of(protocol, flow_->transport);
  if (!place) return;
  session_.attach(*flow_, *state_, *place);
  if (rest.empty()) return;
  const size_t caller = std::exchange(analyzer_, state_->analyzers.size() - 1);
  state_->analyzers.back().analyzer->on_data(*this, d, rest);
  analyzer_ = caller;
}

void SessionContext::start_detection(Direction, Bytes rest) {
  session_.forget_kept(*state_);
  state_->ruled_out = 0;
  state_->used = {};
  state_->detecting = state_->keeping = true;
  state_->began_anew = true;
  state_->handed_on = rest;
}

void SessionContext::start_inside() {
  start_detection(Direction::Orig, {});
  state_->inside = true;
  state_->began_anew = false;
}

void SessionContext::feed_inside(Direction d, Bytes bytes) {
  const size_t caller = analyzer_;
  session_.deliver(*flow_, *state_, d, bytes, true);
  bytes = session_.rest_for_detection(*state_, bytes);
  if (state_->keeping && !bytes.empty()) session_.detect(*flow_, *state_, d, bytes);
  analyzer_ = caller;
}

Analyzer* SessionContext::sibling(ProtocolId protocol) {
  for (size_t i = 0; i < state_->analyzers.size(); i++) {
    const ConnState::Attached& a = state_->analyzers[i];
    if (i != analyzer_ && !a.finished && protocols()[a.protocol].id == protocol) return a.analyzer.get();
  }
  if (state_->set_aside != nullptr && protocols()[state_->set_aside_protocol].id == protocol) return state_->set_aside.get();
  return nullptr;
}

void SessionContext::flip_roles() {
  session_.tracker_.flip_roles(*flow_);
}
void SessionContext::add_history(char letter) {
  session_.tracker_.mention(*flow_, letter);
}
void SessionContext::allow_idle(DurationNs timeout) {
  session_.tracker_.set_idle_timeout(*flow_, timeout);
}
void SessionContext::becomes_proxy(TunnelType type) {
  session_.tunnels_->on_proxy(type, state_->header, session_.now_);
}
void SessionContext::end_when_idle(DurationNs period, DurationNs min_idle) {
  session_.tracker_.end_when_idle(*flow_, period, min_idle);
}

}  // namespace sensor
