#include "sensor/output/stats_log.h"

#include <algorithm>

#include "sensor/record/stats.h"

namespace sensor {
namespace {

constexpr size_t kUnknown = 0, kTcp = 1, kUdp = 2, kIcmp = 3;
constexpr uint64_t kMiB = 1 << 20;
/// Rows with a key stay in the order in which they are written.
constexpr Uid kOrder{.hi = 0, .lo = 0, .prefix = 'S'};
/// Names in a row; what comes after the most frequent ones is left out.
constexpr size_t kMaxNames = 100;

void split(const std::vector<NameCount>& counts, std::vector<std::string>& names, std::vector<uint64_t>& connections) {
  for (size_t i = 0; i < std::min(counts.size(), kMaxNames); i++) {
    names.push_back(counts[i].name);
    connections.push_back(counts[i].connections);
  }
}

void add_sample(const LiveSample& sample, StatsRecord& r) {
  r.mem = sample.memory_bytes / kMiB;
  r.pkts_dropped = sample.packets_dropped;
  r.pkts_link = sample.packets_on_link;
  r.pkt_lag = Interval{sample.lag_ns};
  r.drop_reasons.emplace();
  r.drops.emplace();
  for (const auto& [reason, n] : sample.drops) {
    r.drop_reasons->push_back(reason);
    r.drops->push_back(n);
  }
}

}  // namespace

void StatsLog::write(const StatsReport& report) {
  StatsRecord r;
  r.ts = {report.end_ns};
  r.pkts_proc = report.traffic.packets;
  r.bytes_recv = report.traffic.bytes;
  r.active_tcp_conns = report.active[kTcp];
  r.active_udp_conns = report.active[kUdp];
  r.active_icmp_conns = report.active[kIcmp];
  r.active_other_conns = report.active[kUnknown];
  r.tcp_conns = report.traffic.opened[kTcp];
  r.udp_conns = report.traffic.opened[kUdp];
  r.icmp_conns = report.traffic.opened[kIcmp];
  r.other_conns = report.traffic.opened[kUnknown];
  r.ended_conns = sum(report.traffic.ended);
  r.interval = {report.end_ns - report.start_ns};
  if (report.end_ns > report.start_ns) {
    r.pkts_per_sec = static_cast<double>(r.pkts_proc) / report.seconds();
    r.bits_per_sec = 8 * static_cast<double>(r.bytes_recv) / report.seconds();
    r.conns_per_sec = static_cast<double>(report.connections()) / report.seconds();
  }
  split(report.services, r.services, r.service_conns);
  split(report.applications, r.apps, r.app_conns);
  if (sample_) add_sample(sample_(), r);
  writer_->write(report.end_ns, kOrder, r);
  write_top(report);
  write_protocols(report);
  write_capture_loss(report);
  writer_->advance(report.end_ns);
}

void StatsLog::write_protocols(const StatsReport& report) {
  const uint64_t ended = sum(report.traffic.ended);
  const auto write = [&](std::string_view kind, const std::vector<NameCount>& counts) {
    for (size_t i = 0; i < std::min(counts.size(), kMaxNames); i++) {
      const NameCount& c = counts[i];
      ProtocolsRecord r;
      r.ts = {report.end_ns};
      r.interval = {report.end_ns - report.start_ns};
      r.kind = {kind};
      r.name = c.name;
      r.connections = c.connections;
      r.packets = c.packets;
      r.bytes = c.bytes;
      if (ended != 0) r.share = static_cast<double>(c.connections) / static_cast<double>(ended);
      writer_->write(report.end_ns, kOrder, r);
    }
  };
  write("service", report.services);
  write("application", report.applications);
}

void StatsLog::write_capture_loss(const StatsReport& report) {
  CaptureLossRecord r;
  r.ts = {report.end_ns};
  r.ts_delta = {report.end_ns - report.start_ns};
  r.gaps = report.traffic.gaps;
  r.acks = report.traffic.acks;
  if (r.acks != 0) r.percent_lost = 100 * static_cast<double>(r.gaps) / static_cast<double>(r.acks);
  writer_->write(report.end_ns, kOrder, r);
}

void StatsLog::write_top(const StatsReport& report) {
  static constexpr std::string_view kRoles[] = {"source", "destination"}, kMetrics[] = {"bytes", "packets", "connections"};
  for (size_t role = 0; role < kTopRoles; role++) {
    for (size_t metric = 0; metric < kTopMetrics; metric++) {
      TopIpRecord r;
      r.ts = {report.end_ns};
      r.interval = {report.end_ns - report.start_ns};
      r.role = {kRoles[role]};
      r.metric = {kMetrics[metric]};
      for (const TopAddress& a : report.top.lists[role][metric]) {
        r.rank++;
        r.ip = a.address;
        r.value = a.value;
        r.error = a.error;
        r.share = static_cast<double>(a.value) / static_cast<double>(report.top.totals[metric]);
        writer_->write(report.end_ns, kOrder, r);
      }
    }
  }
}

}  // namespace sensor
