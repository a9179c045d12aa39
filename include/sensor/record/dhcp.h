// dhcp.log: exchanges between DHCP clients and servers. Their messages come over several connections and through several workers, so the
// log thread joins them.
#pragma once

#include <optional>

#include "sensor/record/schema.h"

namespace sensor {

/// What a worker hands to the log thread: a message; or, with `table_check`, the moment at which Zeek looks for exchanges that are over.
struct DhcpEventRecord {
  Time ts;
  bool table_check = false;
  Time entry_end;  // an exchange that begins now may be over at the first check after this
  Uid uid;
  uint64_t transaction = 0;
  std::string type;
  bool from_client = false;
  std::optional<IpAddress> client_addr, server_addr, requested_addr, assigned_addr;
  std::optional<std::string> mac;     // by the client's identifier; of a server's message: the client's by its header
  std::optional<std::string> chaddr;  // of a client's message without such an identifier
  std::optional<std::string> host_name, client_fqdn, domain, message;
  std::optional<Interval> lease_time;
};

template <>
struct LogSchema<DhcpEventRecord> {
  using R = DhcpEventRecord;
  static constexpr std::string_view path = "dhcp_event";
  static constexpr std::string_view doc = "Not a log: what rows of dhcp.log are made of.";
  static constexpr auto fields = std::make_tuple(
      field("ts", &R::ts, ""), field("table_check", &R::table_check, ""), field("entry_end", &R::entry_end, ""), field("uid", &R::uid, ""),
      field("transaction", &R::transaction, ""), field("type", &R::type, ""), field("from_client", &R::from_client, ""),
      field("client_addr", &R::client_addr, ""), field("server_addr", &R::server_addr, ""), field("requested_addr", &R::requested_addr, ""),
      field("assigned_addr", &R::assigned_addr, ""), field("mac", &R::mac, ""), field("chaddr", &R::chaddr, ""),
      field("host_name", &R::host_name, ""), field("client_fqdn", &R::client_fqdn, ""), field("domain", &R::domain, ""),
      field("message", &R::message, ""), field("lease_time", &R::lease_time, ""));
};

struct DhcpRecord {
  Time ts;
  Set<Uid> uids;
  std::optional<IpAddress> client_addr, server_addr;
  std::optional<std::string> mac, host_name, client_fqdn, domain;
  std::optional<IpAddress> requested_addr, assigned_addr;
  std::optional<Interval> lease_time;
  std::optional<std::string> client_message, server_message;
  std::vector<std::string> msg_types;
  Interval duration;
};

template <>
struct LogSchema<DhcpRecord> {
  using R = DhcpRecord;
  static constexpr std::string_view path = "dhcp";
  static constexpr std::string_view doc = "Exchanges between DHCP clients and servers: the messages of one transaction.";
  static constexpr auto fields = std::make_tuple(
      field("ts", &R::ts, "time of the first message"), field("uids", &R::uids, "connections of the messages"),
      field("client_addr", &R::client_addr, "client's address, the assigned one where it has none yet"),
      field("server_addr", &R::server_addr, "address of the server that assigned an address"),
      field("mac", &R::mac, "client's hardware address"), field("host_name", &R::host_name, "client's name, by itself"),
      field("client_fqdn", &R::client_fqdn, "client's full name, by itself"), field("domain", &R::domain, "domain, by the server"),
      field("requested_addr", &R::requested_addr, "address the client asked for"),
      field("assigned_addr", &R::assigned_addr, "address the server assigned"),
      field("lease_time", &R::lease_time, "how long the client may keep it"),
      field("client_message", &R::client_message, "why the client declined"),
      field("server_message", &R::server_message, "why the server refused"),
      field("msg_types", &R::msg_types, "kinds of the messages, in order"),
      field("duration", &R::duration, "time from the first message to the last"));
};

}  // namespace sensor
