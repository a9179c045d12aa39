// The end of a connection: its application label and its row in conn.log.
#include <utility>

#include "conn_state.h"
#include "sensor/base/hex.h"
#include "sensor/net/local_networks.h"
#include "sensor/record/conn.h"
#include "sensor/record/refused.h"
#include "sensor/session/protocols.h"
#include "sensor/session/session.h"
#include "tunnel_log.h"

namespace sensor {
namespace {

FiveTuple tuple_of(const Flow& f) {
  return {f.orig_addr(), f.resp_addr(), f.orig_port(), f.resp_port(), f.key.ip_proto};
}

std::string_view transport_name(Transport t) {
  switch (t) {
    case Transport::Tcp:
      return "tcp";
    case Transport::Udp:
      return "udp";
    case Transport::Icmp:
      return "icmp";
    case Transport::Unknown:
      return "unknown_transport";
  }
  return {};
}

std::optional<std::string_view> unless_empty(std::string_view s) {
  return s.empty() ? std::nullopt : std::optional(s);
}

}  // namespace

/// nDPI searches only what no dissector has recognised.
void Session::label_packet(Flow& flow, const DecodedPacket& packet) {
  Tail& t = tail(flow);
  if (t.label_done || t.recognised) {
    flow.want_packets = t.in_tunnel;
    return;
  }
  if (packet.payload.empty()) return;
  ConnState& s = state(flow);
  if (s.lease == kNoNdpiLease) s.lease = lease_for(flow);
  if (s.lease != kNoNdpiLease && !ndpi_.feed(s.lease, packet)) return;
  t.label = s.lease != kNoNdpiLease ? ndpi_.finish(std::exchange(s.lease, kNoNdpiLease)) : ndpi_.guess(tuple_of(flow));
  t.label_done = true;
  flow.want_packets = t.in_tunnel;
  if (t.analysis_over) release_state(t);
}

/// When all are out, the connection that has been undecided for longest is given up.
NdpiLease Session::lease_for(const Flow& flow) {
  const NdpiLease lease = ndpi_.lease(!flow.tcp_partial, flow.session);
  if (lease != kNoNdpiLease || ndpi_.leased() == 0) return lease;
  Tail& oldest = tails_[ndpi_.longest_held() - 1];
  const NdpiLease its = std::exchange(oldest.state->lease, kNoNdpiLease);
  if (oldest.recognised) {
    ndpi_.cancel(its);  // finish_label() goes by what it was recognised as
  } else {
    oldest.label = ndpi_.finish(its);
    oldest.label_done = true;
    if (oldest.analysis_over) release_state(oldest);
  }
  return ndpi_.lease(!flow.tcp_partial, flow.session);
}

void Session::finish_label(Flow& flow) {
  Tail& t = tail(flow);
  if (t.label_done || !config_.labels) return;
  t.label_done = true;
  flow.want_packets = t.in_tunnel;
  std::optional<ConfirmedProtocol> confirmed;
  if (t.state != nullptr && t.state->variant) confirmed = *t.state->variant;
  for (const uint8_t id : t.services)
    if (id != 0 && !confirmed) confirmed = confirmed_protocol(service_names_[id - 1U]);
  if (!confirmed && t.state != nullptr && t.state->recognised_as != 0)
    confirmed = confirmed_protocol(protocols()[t.state->recognised_as - 1U].key);
  if (confirmed) {
    t.label = ndpi_.confirmed(*confirmed, t.state != nullptr ? t.state->host : std::string_view{}, tuple_of(flow));
    if (t.state != nullptr) ndpi_.cancel(std::exchange(t.state->lease, kNoNdpiLease));
  } else if (t.state != nullptr && t.state->lease != kNoNdpiLease) {
    t.label = ndpi_.finish(std::exchange(t.state->lease, kNoNdpiLease));
  } else {
    t.label = ndpi_.guess(tuple_of(flow));
  }
}

std::string_view Session::application(const AppLabel& label) {
  if (!label.known()) return {};
  const auto [name, is_new] = names_by_label_.try_emplace(uint32_t{label.carrier} << 16 | label.app);
  if (is_new) {
    append_app_name(label, application_names_.emplace_back());
    *name = &application_names_.back();
  }
  return **name;
}

/// A reset where nothing was read: the end of a connection without data, or of one whose reading is over.
void Session::tell_refused(const Flow& flow) {
  const ConnSummary sum = tracker_.summary(flow);
  if (sum.orig_bytes != 0 || sum.resp_bytes != 0) return;
  const Uid id = uid(flow);
  records_.write(now_, id, RefusedRecord{flow.orig_addr(), flow.resp_addr(), {flow.resp_port()}, sum.conn_state, sum.history});
}

void Session::write_conn(Flow& flow, TimeNs due) {
  const Tail& t = tail(flow);
  const ConnSummary sum = tracker_.summary(flow);
  ConnRecord r;
  static_cast<ConnHeader&>(r) = header(flow);
  r.proto = {transport_name(flow.transport)};
  std::array<std::string_view, 4> services;
  size_t count = 0;
  for (const uint8_t id : t.services)
    if (id != 0) services[count++] = service_names_[id - 1U];
  std::string joined_services;
  for (const std::string_view service : std::span(services).first(count)) {
    if (!joined_services.empty()) joined_services += ',';
    joined_services += service;
  }
  r.service = unless_empty(joined_services);
  if (sum.has_duration) {
    r.duration = Interval{sum.duration_ns};
    r.orig_bytes = sum.orig_bytes;
    r.resp_bytes = sum.resp_bytes;
  }
  r.conn_state = sum.conn_state;
  r.local_orig = is_local_address(r.orig_h);
  r.local_resp = is_local_address(r.resp_h);
  r.missed_bytes = sum.missed_bytes;
  r.history = unless_empty(sum.history);
  r.orig_pkts = sum.orig_packets;
  r.orig_ip_bytes = sum.orig_ip_bytes;
  r.resp_pkts = sum.resp_packets;
  r.resp_ip_bytes = sum.resp_ip_bytes;
  if (t.in_tunnel) {
    const auto parents = tunnels_->parents(flow.session);
    r.tunnel_parents = Set<Uid>{{parents.begin(), parents.end()}};
  }
  r.ip_proto = sum.ip_proto;
  if (t.vlan != 0) r.vlan = t.vlan;
  if (t.inner_vlan != 0) r.inner_vlan = t.inner_vlan;
  std::array<char, 17> orig_mac, resp_mac;  // as text
  if (t.has_mac) {
    r.orig_l2_addr = std::string_view(orig_mac.data(), write_hex(t.orig_mac, ':', orig_mac.data()));
    r.resp_l2_addr = std::string_view(resp_mac.data(), write_hex(t.resp_mac, ':', resp_mac.data()));
  }
  const std::string_view app = application(t.label);
  r.app = unless_empty(app);
  r.app_category = unless_empty(app_category_name(t.label));
  r.app_confidence = unless_empty(app_confidence_name(t.label));
  records_.write(due, r.uid, r);
  listener_.on_connection_end({r, flow.transport, sum, std::span(services).first(count), app, due});
}

}  // namespace sensor
