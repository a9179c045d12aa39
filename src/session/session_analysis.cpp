// Which analyzers read a connection: by port, by content, or because another protocol hands over to them.
#include <algorithm>
#include <utility>

#include "conn_state.h"
#include "sensor/session/protocols.h"
#include "sensor/session/session.h"
#include "session_context.h"
#include "tunnel_log.h"

namespace sensor {

/// Zeek starts the analyzers of well-known ports before it has seen what they say.
void Session::start_port_analyzers(Flow& flow, ConnState& s) {
  const auto all = protocols();
  for (size_t i = 0; i < all.size(); i++) {
    if (all[i].transport != flow.transport || (s.partial && !all[i].reads_partial)) continue;
    if (std::ranges::find(all[i].ports, flow.resp_port()) != all[i].ports.end()) attach(flow, s, i);
  }
}

void Session::attach(Flow&, ConnState& s, size_t protocol) {
  s.ruled_out |= 1U << protocol;
  s.analyzers.push_back({static_cast<uint8_t>(protocol), false, protocols()[protocol].make(), {}});
}

void Session::deliver(Flow& flow, ConnState& s, Direction d, Bytes bytes) {
  for (size_t i = 0, n = s.analyzers.size(); i < n; i++) {
    if (s.analyzers[i].finished) continue;
    context_->point_at(flow, s, i);
    s.analyzers[i].analyzer->on_data(*context_, d, bytes);
  }
}

void Session::detect(Flow& flow, ConnState& s, Direction d, Bytes bytes) {
  const bool stream = flow.transport == Transport::Tcp;
  s.detect_buffer.add(d, bytes);
  ProbeInput in{{}, {}, flow.orig_port(), flow.resp_port()};
  if (stream) {
    in.orig = s.detect_buffer.prefix(Direction::Orig);
    in.resp = s.detect_buffer.prefix(Direction::Resp);
  } else {
    (d == Direction::Orig ? in.orig : in.resp) = bytes;
  }
  const auto all = protocols();
  bool found = false, open = false;
  for (size_t i = 0; i < all.size() && !found; i++) {
    if (all[i].transport != flow.transport || (s.ruled_out >> i & 1) != 0 || (s.partial && !all[i].reads_partial)) continue;
    const Probe verdict = all[i].probe(in);
    if (verdict == Probe::NotForUs && stream) s.ruled_out |= 1U << i;
    open |= verdict == Probe::Unsure || !stream;
    if (verdict != Probe::Certain) continue;
    found = true;
    attach(flow, s, i);
    const size_t at = s.analyzers.size() - 1;
    const auto alive = [&] {
      context_->point_at(flow, s, at);
      return !s.analyzers[at].finished;
    };
    s.detect_buffer.replay(
        [&](Direction dir, Bytes b) {
          if (alive()) s.analyzers[at].analyzer->on_data(*context_, dir, b);
        },
        [&](Direction dir, uint64_t n) {
          if (alive()) s.analyzers[at].analyzer->on_gap(*context_, dir, n);
        });
    tail(flow).recognised = true;
  }
  if (found || !open || s.detect_buffer.full(config_.detect_bytes)) {
    s.detecting = false;
    s.detect_buffer.clear();
  }
}

void Session::drop_finished_analyzers(Flow&, ConnState& s) {
  std::erase_if(s.analyzers, [](const ConnState::Attached& a) { return a.finished; });
}

void Session::finish_analyzers(Flow& flow) {
  ConnState* s = tail(flow).state;
  if (s == nullptr) return;
  for (size_t i = 0; i < s->analyzers.size(); i++) {
    context_->point_at(flow, *s, i);
    if (!s->analyzers[i].finished) s->analyzers[i].analyzer->on_finish(*context_);
  }
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
  t.recognised = true;
}

void SessionContext::violation(std::string_view) {
  // Zeek takes neither a connection it saw only in part, nor one that has gone well for a while, for something else.
  if (flow_->transport == Transport::Tcp && (state_->partial || state_->had_gap)) return;
  const ConnSummary sum = session_.tracker_.summary(*flow_);
  if (sum.orig_bytes + sum.resp_bytes > session_.config_.ignore_violations_after_bytes) return;
  if (!attached().service.empty()) session_.remove_service(session_.tail(*flow_), attached().service);
  attached().finished = true;
}

void SessionContext::weird(std::string_view name, std::string_view addl, std::string_view source) {
  session_.on_weird(*flow_, Weird{name, source, addl});
}

void SessionContext::start(ProtocolId protocol, Direction d, Bytes rest) {
  const auto all = protocols();
  const auto it = std::ranges::find_if(all, [&](const ProtocolInfo& p) { return p.id == protocol && p.transport == flow_->transport; });
  if (it == all.end()) return;
  session_.attach(*flow_, *state_, static_cast<size_t>(it - all.begin()));
  if (rest.empty()) return;
  const size_t caller = std::exchange(analyzer_, state_->analyzers.size() - 1);
  state_->analyzers.back().analyzer->on_data(*this, d, rest);
  analyzer_ = caller;
}

void SessionContext::start_detection() {
  state_->detect_buffer.clear();
  state_->ruled_out = 0;
  state_->detecting = true;
}

void SessionContext::flip_roles() {
  session_.tracker_.flip_roles(*flow_);
}
void SessionContext::add_history(char letter) {
  session_.tracker_.mention(*flow_, letter);
}
void SessionContext::becomes_proxy(TunnelType type) {
  session_.tunnels_->on_proxy(type, state_->header, session_.now_);
}
void SessionContext::end_when_idle(DurationNs period, DurationNs min_idle) {
  session_.tracker_.end_when_idle(*flow_, period, min_idle);
}

}  // namespace sensor
