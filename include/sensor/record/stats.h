// stats.log, top_ips.log, protocols.log and capture_loss.log: what the sensor did and saw, per interval of packet time.
#pragma once

#include <optional>

#include "sensor/record/schema.h"

namespace sensor {

/// Names in two columns stand side by side: services[i] had service_conns[i].
struct StatsRecord {
  Time ts;
  std::string_view peer = "zeek";
  std::optional<uint64_t> mem;
  uint64_t pkts_proc = 0, bytes_recv = 0;
  std::optional<uint64_t> pkts_dropped, pkts_link;
  std::optional<Interval> pkt_lag;
  uint64_t active_tcp_conns = 0, active_udp_conns = 0, active_icmp_conns = 0;
  uint64_t tcp_conns = 0, udp_conns = 0, icmp_conns = 0;
  Interval interval;
  uint64_t active_other_conns = 0, other_conns = 0, ended_conns = 0;
  double pkts_per_sec = 0, bits_per_sec = 0, conns_per_sec = 0;
  std::vector<std::string> services;
  std::vector<uint64_t> service_conns;
  std::vector<std::string> apps;
  std::vector<uint64_t> app_conns;
  std::optional<std::vector<std::string>> drop_reasons;
  std::optional<std::vector<uint64_t>> drops;
};

template <>
struct LogSchema<StatsRecord> {
  using R = StatsRecord;
  static constexpr std::string_view path = "stats";
  static constexpr std::string_view doc =
      "Packets, connections, protocols and losses per interval. In replay, columns that depend on the machine are unset.";
  static constexpr auto fields = std::make_tuple(
      field("ts", &R::ts, "end of the interval"), field("peer", &R::peer, "node that wrote the row"),
      field("mem", &R::mem, "resident memory in MiB"), field("pkts_proc", &R::pkts_proc, "packets processed"),
      field("bytes_recv", &R::bytes_recv, "bytes of those packets on the wire"),
      field("pkts_dropped", &R::pkts_dropped, "packets that the kernel or the card dropped"),
      field("pkts_link", &R::pkts_link, "packets that were on the link"),
      field("pkt_lag", &R::pkt_lag, "how far packet time is behind the clock"),
      field("active_tcp_conns", &R::active_tcp_conns, "TCP connections open at the end"),
      field("active_udp_conns", &R::active_udp_conns, "UDP connections open at the end"),
      field("active_icmp_conns", &R::active_icmp_conns, "ICMP connections open at the end"),
      field("tcp_conns", &R::tcp_conns, "TCP connections that began"), field("udp_conns", &R::udp_conns, "UDP connections that began"),
      field("icmp_conns", &R::icmp_conns, "ICMP connections that began"),
      field("interval", &R::interval, "length of the interval; shorter where the run began or ended in it"),
      field("active_other_conns", &R::active_other_conns, "connections of other transports open at the end"),
      field("other_conns", &R::other_conns, "connections of other transports that began"),
      field("ended_conns", &R::ended_conns, "connections that ended"), field("pkts_per_sec", &R::pkts_per_sec, "packets per second"),
      field("bits_per_sec", &R::bits_per_sec, "bits per second on the wire"),
      field("conns_per_sec", &R::conns_per_sec, "connections that began, per second"),
      field("services", &R::services, "protocols recognised in connections that ended, most frequent first"),
      field("service_conns", &R::service_conns, "connections of each of the services"),
      field("apps", &R::apps, "applications of connections that ended, by nDPI, most frequent first"),
      field("app_conns", &R::app_conns, "connections of each of the apps"),
      field("drop_reasons", &R::drop_reasons, "why packets, connections or records were lost"),
      field("drops", &R::drops, "how many were lost for each of the reasons"));
};

struct TopIpRecord {
  Time ts;
  std::string_view peer = "zeek";
  Interval interval;
  EnumName role, metric;
  uint64_t rank = 0;
  IpAddress ip;
  uint64_t value = 0, error = 0;
  double share = 0;
};

template <>
struct LogSchema<TopIpRecord> {
  using R = TopIpRecord;
  static constexpr std::string_view path = "top_ips";
  static constexpr std::string_view doc = "The addresses with the most traffic per interval, counted when connections end.";
  static constexpr auto fields = std::make_tuple(
      field("ts", &R::ts, "end of the interval"), field("peer", &R::peer, "node that wrote the row"),
      field("interval", &R::interval, "length of the interval; shorter where the run began or ended in it"),
      field("role", &R::role, "source: what the address sent and opened; destination: what it received and accepted"),
      field("metric", &R::metric, "what the list is ordered by: bytes, packets or connections"),
      field("rank", &R::rank, "place in the list, from 1"), field("ip", &R::ip, "the address"),
      field("value", &R::value, "bytes (with IP headers), packets or connections"),
      field("error", &R::error, "the true value is at most this much smaller; 0 unless the interval had very many addresses"),
      field("share", &R::share, "value as a fraction of the interval's total"));
};

struct ProtocolsRecord {
  Time ts;
  std::string_view peer = "zeek";
  Interval interval;
  EnumName kind;
  std::string_view name;
  uint64_t connections = 0, packets = 0, bytes = 0;
  double share = 0;
};

template <>
struct LogSchema<ProtocolsRecord> {
  using R = ProtocolsRecord;
  static constexpr std::string_view path = "protocols";
  static constexpr std::string_view doc =
      "What was spoken per interval, counted when connections end: most connections first, a hundred of each kind.";
  static constexpr auto fields = std::make_tuple(
      field("ts", &R::ts, "end of the interval"), field("peer", &R::peer, "node that wrote the row"),
      field("interval", &R::interval, "length of the interval; shorter where the run began or ended in it"),
      field("kind", &R::kind, "service: a protocol that a dissector confirmed; application: nDPI's label"),
      field("name", &R::name, "the protocol or application"), field("connections", &R::connections, "connections that had it"),
      field("packets", &R::packets, "their IP packets, both directions"),
      field("bytes", &R::bytes, "bytes of those packets, with IP headers"),
      field("share", &R::share, "connections as a fraction of all that ended in the interval"));
};

/// As Zeek computes it, over intervals of our own.
struct CaptureLossRecord {
  Time ts;
  Interval ts_delta;
  std::string_view peer = "zeek";
  uint64_t gaps = 0, acks = 0;
  double percent_lost = 0;
};

template <>
struct LogSchema<CaptureLossRecord> {
  using R = CaptureLossRecord;
  static constexpr std::string_view path = "capture_loss";
  static constexpr std::string_view doc =
      "How much of the traffic the capture loses, seen from TCP: data that was acknowledged and never came by. Losses before this host (a "
      "full "
      "mirror port) show here only.";
  static constexpr auto fields = std::make_tuple(
      field("ts", &R::ts, "end of the interval"),
      field("ts_delta", &R::ts_delta, "length of the interval; shorter where the run began or ended in it"),
      field("peer", &R::peer, "node that wrote the row"), field("gaps", &R::gaps, "acknowledgements of data that was not seen"),
      field("acks", &R::acks, "acknowledgements of new data in established connections"),
      field("percent_lost", &R::percent_lost, "gaps in percent of acks"));
};

}  // namespace sensor
