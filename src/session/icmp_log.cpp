#include "src/session/icmp_log.h"

#include <algorithm>

#include "dpi/icmp/icmp.h"
#include "sensor/base/hex.h"
#include "sensor/record/icmp.h"

namespace sensor {
namespace {

bool is_v6(const ConnHeader& conn) {
  return conn.ip_protocol == ipproto::kIcmpv6;
}

IcmpRecord begin(const ConnHeader& conn, TimeNs ts, uint64_t type, uint64_t bytes) {
  IcmpRecord r;
  static_cast<ConnHeader&>(r) = conn;
  r.ts = Time{ts};
  r.type = type;
  r.bytes = bytes;
  if (const auto name = icmp::type_name(is_v6(conn), static_cast<uint8_t>(type)); !name.empty()) r.name = name;
  return r;
}

void add_quoted(IcmpRecord& r, const icmp::Quoted& q) {
  r.quoted_src = q.src;
  r.quoted_dst = q.dst;
  r.quoted_proto = q.ip_proto;
  if (q.src_port == 0 && q.dst_port == 0) return;
  r.quoted_src_port = Port{q.src_port};
  r.quoted_dst_port = Port{q.dst_port};
}

}  // namespace

void IcmpLog::on_message(uint32_t number, const ConnHeader& conn, const DecodedPacket& p, TimeNs now) {
  const icmp::Message m = icmp::parse(is_v6(conn), p.icmp_type, p.icmp_code, p.icmp_rest, p.payload);
  if (m.echo && m.echo->request) {
    auto& requests = waiting_[number];
    if (requests.size() == kMaxWaiting) {
      write_request(requests.front(), conn, now, kNoReply);
      requests.erase(requests.begin());
    }
    requests.push_back({p.ts_ns, p.icmp_type, p.payload_len, m.echo->id, m.echo->sequence});
    return;
  }
  if (const auto known = waiting_.find(number); m.echo && known != waiting_.end()) {
    auto& requests = known->second;
    const auto asked =
        std::ranges::find_if(requests, [&](const Waiting& w) { return w.id == m.echo->id && w.sequence == m.echo->sequence; });
    if (asked != requests.end()) {
      write_request(*asked, conn, now, p.ts_ns);
      requests.erase(asked);
      return;
    }
  }
  IcmpRecord r = begin(conn, p.ts_ns, p.icmp_type, p.payload_len);
  r.code = p.icmp_code;
  if (m.echo) {
    r.echo_id = m.echo->id;
    r.echo_seq = m.echo->sequence;
  }
  if (m.quoted) add_quoted(r, *m.quoted);
  if (m.mtu) r.mtu = *m.mtu;
  r.gateway = m.gateway;
  r.target = m.target;
  if (m.link_address) r.link_addr = hex(*m.link_address, ':');
  records_.write(now, r.uid, r);
}

void IcmpLog::write_request(const Waiting& request, const ConnHeader& conn, TimeNs now, TimeNs reply_ns) {
  IcmpRecord r = begin(conn, request.ts_ns, request.type, request.bytes);
  r.echo_id = request.id;
  r.echo_seq = request.sequence;
  if (reply_ns != kNoReply) r.rtt = Interval{reply_ns - request.ts_ns};
  records_.write(now, r.uid, r);
}

void IcmpLog::on_remove(uint32_t number, const ConnHeader& conn, TimeNs now) {
  const auto known = waiting_.find(number);
  if (known == waiting_.end()) return;
  for (const Waiting& request : known->second) write_request(request, conn, now, kNoReply);
  waiting_.erase(known);
}

}  // namespace sensor
