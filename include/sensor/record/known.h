// known_hosts.log, known_services.log and known_certs.log: what there is in the network, once a day each.
#pragma once

#include <optional>

#include "sensor/record/schema.h"

namespace sensor {

struct KnownHostRecord {
  Time ts;
  IpAddress host;
};

template <>
struct LogSchema<KnownHostRecord> {
  using R = KnownHostRecord;
  static constexpr std::string_view path = "known_hosts";
  static constexpr std::string_view doc = "Hosts that took part in a TCP connection that was established, each once a day.";
  static constexpr auto fields =
      std::make_tuple(field("ts", &R::ts, "start of the connection that showed it"), field("host", &R::host, "the address"));
};

struct KnownServiceRecord {
  Time ts;
  IpAddress host;
  Port port_num;
  EnumName port_proto;
  Set<std::string> service;
};

template <>
struct LogSchema<KnownServiceRecord> {
  using R = KnownServiceRecord;
  static constexpr std::string_view path = "known_services";
  static constexpr std::string_view doc = "Ports that answer, and the protocols spoken there, each once a day.";
  static constexpr auto fields = std::make_tuple(
      field("ts", &R::ts, "start of the connection that showed it"), field("host", &R::host, "address of the server"),
      field("port_num", &R::port_num, "its port"), field("port_proto", &R::port_proto, "transport of the port: tcp or udp"),
      field("service", &R::service, "protocols by Zeek's names, those that were not told before; empty: none was recognised"));
};

struct KnownCertRecord {
  Time ts;
  IpAddress host;
  std::optional<Port> port_num;
  std::optional<std::string> subject, issuer_subject, serial;
};

template <>
struct LogSchema<KnownCertRecord> {
  using R = KnownCertRecord;
  static constexpr std::string_view path = "known_certs";
  static constexpr std::string_view doc = "Servers' own certificates, each once a day for every server that shows it.";
  static constexpr auto fields = std::make_tuple(
      field("ts", &R::ts, "end of the handshake that showed it"), field("host", &R::host, "address of the server"),
      field("port_num", &R::port_num, "its port"), field("subject", &R::subject, "whom the certificate names (RFC 2253)"),
      field("issuer_subject", &R::issuer_subject, "who signed it (RFC 2253)"), field("serial", &R::serial, "serial number in hexadecimal"));
};

}  // namespace sensor
