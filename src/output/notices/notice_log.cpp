#include "notice_log.h"

#include <algorithm>

#include "sensor/net/local_networks.h"
#include "sensor/record/encoder.h"

namespace sensor {
namespace {

/// The longest a text of a notice may be, so that a row fits into kRowBytes.
constexpr size_t kMaxTextBytes = 4096;
constexpr size_t kRowBytes = 5 * kMaxTextBytes;

/// Zeek's names of transports.
EnumName transport_name(uint64_t ip_protocol) {
  constexpr uint64_t kIcmp = 1, kTcp = 6, kUdp = 17, kIcmp6 = 58;
  switch (ip_protocol) {
    case kTcp:
      return {"tcp"};
    case kUdp:
      return {"udp"};
    case kIcmp:
    case kIcmp6:
      return {"icmp"};
    default:
      return {"unknown_transport"};
  }
}

void cut(std::string& text) {
  if (text.size() > kMaxTextBytes) text.resize(kMaxTextBytes);
}
void cut(std::optional<std::string>& text) {
  if (text) cut(*text);
}

/// What follows from the connection, where the notice does not say otherwise.
void fill_in(NoticeRecord& n) {
  if (!n.src) n.src = n.orig_h;
  if (!n.dst) n.dst = n.resp_h;
  if (!n.p) n.p = n.resp_p;
  if (n.p && !n.proto) n.proto = transport_name(n.ip_protocol);
}

}  // namespace

bool matches(HostChoice hosts, const IpAddress& address) {
  if (hosts == HostChoice::All || hosts == HostChoice::None) return hosts == HostChoice::All;
  return is_local_address(address) == (hosts == HostChoice::Local);
}

NoticeLog::NoticeLog(const NoticeOptions& options, bool live, RowSink& rows) : rows_(rows), live_(live) {
  set_options(options);
}

void NoticeLog::set_options(const NoticeOptions& options) {
  suppress_ns_ = options.suppress_ns;
  optional_ones_ = sensor::wanted(options.optional, live_);
  for (size_t i = 0; i < wanted_.size(); i++) {
    const NoticeKindInfo& kind = notice_kinds()[i];
    wanted_[i] = (!kind.optional || optional_ones_) && !lists_notice(options.ignore, kind.name);
  }
}

bool NoticeLog::is_new(NoticeKind kind, DurationNs suppress_ns, const std::string& identifier, TimeNs now) {
  if (identifier.empty() || suppress_ns == 0) return true;
  now_ = std::max(now_, now);
  ExpiringSet& told = told_.try_emplace(suppress_ns, suppress_ns, kCapacity).first->second;
  return told.insert(Fingerprint(identifier).add(static_cast<uint64_t>(kind)), now_);
}

void NoticeLog::raise(NoticeKind kind, TimeNs now, const std::string& identifier, NoticeRecord notice) {
  if (!wants(kind)) return;
  const NoticeKindInfo& info = info_of(kind);
  const DurationNs suppress_ns = info.suppress_ns != 0 ? info.suppress_ns : suppress_ns_;
  if (!is_new(kind, suppress_ns, identifier, now)) return;
  fill_in(notice);
  cut(notice.msg);
  cut(notice.sub);
  cut(notice.file_desc);
  notice.ts = Time{now};
  notice.note = {info.name};
  notice.severity = {info.severity};
  notice.suppress_for = Interval{suppress_ns};
  notice.actions.items = {{"Notice::ACTION_LOG"}};
  std::array<uint8_t, kRowBytes> buffer;
  RecordEncoder out(buffer);
  encode_fields(out, notice);
  if (out.ok()) rows_.write_row(log_info<NoticeRecord>(), now, Bytes(buffer).first(out.size()));
}

NoticeRecord about_connection(std::span<const Cell> cells) {
  constexpr size_t kUid = 1, kOrigH = 2, kOrigP = 3, kRespH = 4, kRespP = 5, kIpProtocol = 6;
  NoticeRecord n;
  n.uid = cells[kUid].uid();
  n.ip_protocol = cells[kIpProtocol].number;
  if (!cells[kOrigH].present) return n;
  n.orig_h = cells[kOrigH].address();
  n.orig_p = Port{static_cast<uint16_t>(cells[kOrigP].number)};
  n.resp_h = cells[kRespH].address();
  n.resp_p = Port{static_cast<uint16_t>(cells[kRespP].number)};
  return n;
}

}  // namespace sensor
