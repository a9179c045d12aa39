#include "src/session/tunnel_log.h"

#include <algorithm>
#include <utility>

#include "sensor/flow/flow_engine.h"
#include "sensor/record/tunnel.h"

namespace sensor {
namespace {

constexpr uint8_t kMaxChanges = 5;                // Zeek's Tunnel::max_changes_per_connection
constexpr DurationNs kExpiryStep = 10 * kSecond;  // how often Zeek looks for what expired

bool over_ip(TunnelType t) {
  return t == TunnelType::Ip || t == TunnelType::Gre;
}

std::string_view type_name(TunnelType t) {
  switch (t) {
    case TunnelType::None:
      return "Tunnel::NONE";
    case TunnelType::Ip:
      return "Tunnel::IP";
    case TunnelType::Gre:
      return "Tunnel::GRE";
    case TunnelType::Teredo:
      return "Tunnel::TEREDO";
    case TunnelType::Ayiya:
      return "Tunnel::AYIYA";
    case TunnelType::Gtpv1:
      return "Tunnel::GTPv1";
    case TunnelType::Vxlan:
      return "Tunnel::VXLAN";
    case TunnelType::Geneve:
      return "Tunnel::GENEVE";
    case TunnelType::Http:
      return "Tunnel::HTTP";
    case TunnelType::Socks:
      return "Tunnel::SOCKS";
  }
  return {};
}

TimeNs packet_clock(const DecodedPacket& p) {
  return std::max(p.ts_ns, p.clock_ns);
}

Uid uid_of(const Encapsulation& e) {
  return {e.owner_hi, e.owner_lo, 'C'};
}

// Whether two packets of a connection came through the same tunnel: for some kinds, either way.
bool same_tunnel(const Encapsulation& a, const Encapsulation& b) {
  if (a.type != b.type || a.owner_hi != b.owner_hi || a.owner_lo != b.owner_lo || a.ip_proto != b.ip_proto) return false;
  const bool same = a.src == b.src && a.dst == b.dst;
  const bool reversed = a.src == b.dst && a.dst == b.src;
  if (over_ip(a.type)) return same || reversed;
  if (a.type == TunnelType::Vxlan) return a.dst_port == b.dst_port && (same || reversed);
  return same && a.src_port == b.src_port && a.dst_port == b.dst_port;
}

}  // namespace

Uid TunnelLog::make_uid(const Encapsulation& e, TimeNs now) const {
  const auto kind = static_cast<uint64_t>(e.type) << 8 | e.ip_proto;
  uint64_t h = mix64(uid_seed_ ^ e.src.hi(), e.src.lo());
  h = mix64(h ^ e.dst.hi(), e.dst.lo());
  h = mix64(h ^ kind, static_cast<uint64_t>(now));
  return {h, static_cast<uint32_t>(mix64(h, kind) >> 32), 'C'};
}

void TunnelLog::identify(DecodedPacket& packet) {
  for (Encapsulation& e : std::span(packet.tunnel_stack).first(packet.tunnel_depth)) {
    if (!over_ip(e.type) || e.owner_hi != 0) continue;
    const bool in_order = e.src < e.dst;
    const Key key{.orig = in_order ? e.src : e.dst, .resp = in_order ? e.dst : e.src};
    const auto known = identities_.find(key);
    if (known != identities_.end()) {
      known->second.last_use_ns = packet_clock(packet);
      e = known->second.tunnel;
      continue;
    }
    const Uid uid = make_uid(e, packet.ts_ns);
    e.owner_hi = uid.hi;
    e.owner_lo = uid.lo;
    if (identities_.size() < limits_.max_tunnels) {
      identities_.emplace(key, Identity{e, packet_clock(packet)});
    } else {
      not_tracked_++;
    }
  }
}

// The connection is in the packet's tunnels from now on; tunnels that were not in use are reported.
void TunnelLog::enter(ConnTunnels& conn, const DecodedPacket& packet) {
  for (const Encapsulation& e : packet.tunnels()) {
    const Key key{e.src, e.dst, e.src_port, e.dst_port, e.ip_proto};
    use(key, uid_of(e), e.type, packet_clock(packet));
  }
  if (packet.tunnel_depth == 0) return;
  const Uid parent = uid_of(packet.tunnels().back());
  if (std::ranges::find(conn.parents, parent) == conn.parents.end()) conn.parents.push_back(parent);
}

void TunnelLog::on_connection(uint32_t number, const DecodedPacket& packet) {
  advance(packet_clock(packet));
  ConnTunnels& conn = conns_[number];
  conn.stack = packet.tunnel_stack;
  conn.depth = packet.tunnel_depth;
  enter(conn, packet);
}

bool TunnelLog::on_packet(uint32_t number, const DecodedPacket& packet) {
  ConnTunnels& conn = conns_[number];
  const auto now = packet.tunnels();
  if (std::ranges::equal(std::span(conn.stack).first(conn.depth), now, same_tunnel)) return false;
  conn.stack = packet.tunnel_stack;
  conn.depth = packet.tunnel_depth;
  if (conn.changes == kMaxChanges) return true;
  conn.changes++;
  advance(packet_clock(packet));
  enter(conn, packet);
  return false;
}

std::span<const Uid> TunnelLog::parents(uint32_t conn) const {
  const auto i = conns_.find(conn);
  return i == conns_.end() ? std::span<const Uid>{} : i->second.parents;
}

void TunnelLog::begin_burst(std::span<const TimeNs> clocks) {
  if (!clocks_.empty()) advance(clocks_.back());
  if (clocks.empty()) return;
  const auto old = active_.empty() ? clocks_.end() : std::ranges::lower_bound(clocks_, clocks.front() - FlowEngine::kMaxRemovalDelayNs);
  if (old - clocks_.begin() >= clocks_.end() - old) clocks_.erase(clocks_.begin(), old);
  next_clock_ = clocks_.size();
  clocks_.insert(clocks_.end(), clocks.begin(), clocks.end());
}

TimeNs TunnelLog::packet_after(TimeNs due) const {
  const auto next = std::ranges::lower_bound(clocks_, due);
  return next == clocks_.end() ? due : *next;
}

void TunnelLog::on_remove_carrier(const ConnHeader& conn, uint8_t ip_proto, TimeNs due) {
  on_remove(due);
  const auto i = active_.find({conn.orig_h, conn.resp_h, conn.orig_p.number, conn.resp_p.number, ip_proto});
  if (i == active_.end()) return;
  write(i->first, i->second, "Tunnel::CLOSE", packet_after(due));
  active_.erase(i);
}

void TunnelLog::on_proxy(TunnelType type, const ConnHeader& conn, TimeNs now) {
  advance(now);
  use({conn.orig_h, conn.resp_h, 0, conn.resp_p.number, ipproto::kTcp}, Uid{}, type, now);
}

void TunnelLog::use(const Key& key, const Uid& uid, TunnelType type, TimeNs now) {
  const auto known = active_.find(key);
  if (known != active_.end()) {
    known->second.last_use_ns = now;
    return;
  }
  if (active_.size() >= limits_.max_tunnels) {
    not_tracked_++;
    return;
  }
  const Active& tunnel = active_.emplace(key, Active{uid, type, now}).first->second;
  write(key, tunnel, "Tunnel::DISCOVER", now);
}

void TunnelLog::write(const Key& key, const Active& tunnel, std::string_view action, TimeNs now) {
  TunnelRecord r;
  r.ts = Time{now};
  r.uid = tunnel.uid;
  r.orig_h = key.orig;
  r.orig_p = Port{key.orig_port};
  r.resp_h = key.resp;
  r.resp_p = Port{key.resp_port};
  if (key.orig_port != 0) r.ip_protocol = key.ip_proto;  // others are no connections
  r.tunnel_type = {type_name(tunnel.type)};
  r.action = {action};
  records_.write(now, r.uid, r);
}

void TunnelLog::expire(TimeNs now) {
  next_expiry_ns_ = now + kExpiryStep;
  // In the order of their uids, so that the log does not depend on the table's.
  std::vector<std::pair<Key, Active>> gone;
  std::erase_if(active_, [&](const auto& e) {
    if (e.second.last_use_ns + limits_.timeout_unused_ns >= now) return false;
    gone.push_back(e);
    return true;
  });
  std::ranges::sort(gone, {}, [](const auto& e) { return e.second.uid; });
  for (const auto& [key, tunnel] : gone) write(key, tunnel, "Tunnel::EXPIRE", now);
  std::erase_if(identities_, [&](const auto& e) { return now - e.second.last_use_ns >= limits_.timeout_identity_ns; });
}

}  // namespace sensor
