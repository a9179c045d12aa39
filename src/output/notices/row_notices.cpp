#include "row_notices.h"

#include <fmt/format.h>

#include <bit>

#include "sensor/record/arp.h"
#include "sensor/record/stats.h"
#include "sensor/record/unfilterable_link.h"
#include "sensor/record/weird.h"

namespace sensor {
namespace {

/// Intervals at the ends of a run are too short to say that there is little traffic.
constexpr DurationNs kShortestQuietNs = kMinute;

/// The reduction has seen to it that this comes once per originator.
void see_weird(NoticeLog& notices, const SeenRecord& r) {
  if (!r.kept || r.cells[column<WeirdRecord>("notice")].number == 0) return;
  NoticeRecord n = about_connection(r.cells);
  n.msg = r.cells[column<WeirdRecord>("name")].chars();
  const Cell& addl = r.cells[column<WeirdRecord>("addl")];
  if (addl.present) n.sub = addl.chars();
  notices.raise(NoticeKind::WeirdActivity, r.due_ns, {}, std::move(n));
}

/// Told once for each pair of hardware addresses: where two hosts quarrel about an address, every message changes it.
void see_arp(NoticeLog& notices, const SeenRecord& r) {
  const Cell& previous = r.cells[column<ArpRecord>("previous_mac")];
  if (!previous.present || !notices.wants(NoticeKind::ArpAddressChange)) return;
  const Cell &vlan = r.cells[column<ArpRecord>("vlan")], &mac = r.cells[column<ArpRecord>("sender_mac")];
  NoticeRecord n;
  n.src = r.cells[column<ArpRecord>("sender")].address();
  n.msg = fmt::format("{} changed its hardware address from {} to {}", n.src->to_string(), previous.chars(), mac.chars());
  if (vlan.present) n.sub = fmt::format("VLAN {}", vlan.number);
  const std::string identifier = fmt::format("{} {}", vlan.present ? vlan.number : 0, n.msg);
  notices.raise(NoticeKind::ArpAddressChange, r.due_ns, identifier, std::move(n));
}

void see_capture_loss(const NoticeOptions& options, NoticeLog& notices, const SeenRecord& r) {
  const uint64_t acks = r.cells[column<CaptureLossRecord>("acks")].number;
  const auto percent = std::bit_cast<double>(r.cells[column<CaptureLossRecord>("percent_lost")].number);
  if (acks != 0 && percent >= static_cast<double>(options.capture_loss_percent)) {
    NoticeRecord n;
    n.msg = fmt::format("The capture loss script detected an estimated loss rate above {:.3f}%", percent);
    notices.raise(NoticeKind::CaptureLossTooMuchLoss, r.due_ns, {}, std::move(n));
  }
  if (acks < options.minimum_acks && r.cells[column<CaptureLossRecord>("ts_delta")].as_signed() >= kShortestQuietNs) {
    NoticeRecord n;
    n.msg = fmt::format("Only observed {} TCP ACKs and was expecting at least {}.", acks, options.minimum_acks);
    notices.raise(NoticeKind::CaptureLossTooLittleTraffic, r.due_ns, {}, std::move(n));
  }
}

void see_stats(NoticeLog& notices, const SeenRecord& r) {
  const uint64_t dropped = r.cells[column<StatsRecord>("pkts_dropped")].number;
  if (dropped == 0) return;
  const uint64_t received = r.cells[column<StatsRecord>("pkts_proc")].number, link = r.cells[column<StatsRecord>("pkts_link")].number;
  NoticeRecord n;
  n.msg = fmt::format("{} packets dropped after filtering, {} received", dropped, received + dropped);
  if (link != 0) n.msg += fmt::format(", {} on link", link);
  notices.raise(NoticeKind::PacketFilterDroppedPackets, r.due_ns, {}, std::move(n));
}

/// Named by the filter that Zeek installs where nobody gives one.
void see_unfilterable_link(NoticeLog& notices, const SeenRecord& r) {
  NoticeRecord n;
  n.msg = "Installing packet filter failed";
  n.sub = "ip or not ip";
  const uint64_t link_type = r.cells[column<UnfilterableLinkRecord>("link_type")].number;
  notices.raise(NoticeKind::PacketFilterInstallFailure, r.due_ns, fmt::to_string(link_type), std::move(n));
}

}  // namespace

void watch_rows(const NoticeOptions& options, NoticeLog& notices, WatchList& watch) {
  watch.add<WeirdRecord>([&notices](const SeenRecord& r) { see_weird(notices, r); });
  watch.add<StatsRecord>([&notices](const SeenRecord& r) { see_stats(notices, r); });
  watch.add<UnfilterableLinkRecord>([&notices](const SeenRecord& r) { see_unfilterable_link(notices, r); });
  watch.add<ArpRecord>([&notices](const SeenRecord& r) { see_arp(notices, r); });
  watch.add<CaptureLossRecord>([&options, &notices](const SeenRecord& r) { see_capture_loss(options, notices, r); });
}

}  // namespace sensor
