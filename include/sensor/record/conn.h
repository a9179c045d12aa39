// conn.log: one row per connection.
#pragma once

#include <optional>

#include "sensor/record/schema.h"

namespace sensor {

/// Texts are the caller's, copied by write(), or have static storage.
struct ConnRecord : ConnHeader {
  EnumName proto;
  std::optional<std::string_view> service;
  std::optional<Interval> duration;
  std::optional<uint64_t> orig_bytes, resp_bytes;
  std::optional<std::string_view> conn_state;
  std::optional<bool> local_orig, local_resp;
  uint64_t missed_bytes = 0;
  std::optional<std::string_view> history;
  std::optional<uint64_t> orig_pkts, orig_ip_bytes, resp_pkts, resp_ip_bytes;
  std::optional<Set<Uid>> tunnel_parents;
  std::optional<uint64_t> ip_proto;
  std::optional<int64_t> vlan, inner_vlan;
  std::optional<std::string_view> orig_l2_addr, resp_l2_addr;
  std::optional<std::string_view> app, app_category, app_confidence;
};

template <>
struct LogSchema<ConnRecord> {
  using R = ConnRecord;
  static constexpr std::string_view path = "conn";
  static constexpr std::string_view doc = "Connections: TCP connections, and UDP, ICMP and other flows between the same two endpoints.";
  static constexpr auto fields = std::tuple_cat(
      conn_header_fields("time of the first packet"),
      std::make_tuple(field("proto", &R::proto, "transport: tcp, udp, icmp or unknown_transport"),
                      field("service", &R::service, "protocols that were recognised in the payload, separated by commas"),
                      field("duration", &R::duration, "time between the first packet and the last one that counts"),
                      field("orig_bytes", &R::orig_bytes, "payload bytes the originator sent; for TCP by sequence numbers"),
                      field("resp_bytes", &R::resp_bytes, "payload bytes the responder sent; for TCP by sequence numbers"),
                      field("conn_state", &R::conn_state,
                            "how the connection began and ended: S0, S1, SF, REJ, S2, S3, RSTO, RSTR, RSTOS0, RSTRH, SH, SHR or OTH"),
                      field("local_orig", &R::local_orig, "whether the originator is in a local network"),
                      field("local_resp", &R::local_resp, "whether the responder is in a local network"),
                      field("missed_bytes", &R::missed_bytes, "payload bytes that were acknowledged but never seen"),
                      field("history", &R::history, "what happened, a letter each, upper case for the originator"),
                      field("orig_pkts", &R::orig_pkts, "packets the originator sent"),
                      field("orig_ip_bytes", &R::orig_ip_bytes, "bytes of those packets by their IP headers"),
                      field("resp_pkts", &R::resp_pkts, "packets the responder sent"),
                      field("resp_ip_bytes", &R::resp_ip_bytes, "bytes of those packets by their IP headers"),
                      field("tunnel_parents", &R::tunnel_parents, "connections that carried this one"),
                      field("ip_proto", &R::ip_proto, "protocol number of the IP header"), field("vlan", &R::vlan, "outer VLAN id"),
                      field("inner_vlan", &R::inner_vlan, "inner VLAN id of stacked tags"),
                      field("orig_l2_addr", &R::orig_l2_addr, "originator's link-layer address"),
                      field("resp_l2_addr", &R::resp_l2_addr, "responder's link-layer address"), community_id_field(),
                      field("app", &R::app, "application, by nDPI"),
                      field("app_category", &R::app_category, "category of the application, by nDPI"),
                      field("app_confidence", &R::app_confidence, "how nDPI came to its verdict")));
};

}  // namespace sensor
