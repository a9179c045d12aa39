// weird.log: what did not look right.
#pragma once

#include <optional>

#include "sensor/record/schema.h"

namespace sensor {

/// Which state Zeek keeps for a weird's sampling, and by what it tells repeats apart.
enum class WeirdScope : uint8_t {
  Net,         // no connection, no addresses: sampled per name
  Flow,        // a pair of addresses, ports unknown: sampled per pair and name
  Connection,  // a connection (or one that just expired): sampled per connection and name
  File,        // a file; `addl` begins with its id
};

/// One weird as it was noticed. The log thread decides which are written (Zeek's actions, repeats and sampling need all of them, in order).
/// Scope Net leaves uid and id unset, Flow sets the addresses and port 0.
struct WeirdRecord {
  Time ts;
  Uid uid;
  std::optional<IpAddress> orig_h;
  std::optional<Port> orig_p;
  std::optional<IpAddress> resp_h;
  std::optional<Port> resp_p;
  uint64_t ip_protocol = 0;  // of a connection's IP header
  std::string_view name;     // static storage or the caller's, copied by write()
  std::optional<std::string> addl;
  bool notice = false;
  std::string_view peer = "zeek";
  std::optional<std::string_view> source;
  uint64_t scope = static_cast<uint64_t>(WeirdScope::Net);
};

template <>
struct LogSchema<WeirdRecord> {
  using R = WeirdRecord;
  static constexpr std::string_view path = "weird";
  static constexpr std::string_view doc = "Traffic that breaks the rules of its protocol, or that no sane host would send.";
  static constexpr auto fields = std::make_tuple(
      field("ts", &R::ts, "time at which it was noticed"), field("uid", &R::uid, "connection it belongs to, if any"),
      field("id.orig_h", &R::orig_h, "originator's address"),
      field("id.orig_p", &R::orig_p, "originator's port; 0 when only addresses are known"),
      field("id.resp_h", &R::resp_h, "responder's address"),
      field("id.resp_p", &R::resp_p, "responder's port; 0 when only addresses are known"),
      hidden_field("id.ip_proto", &R::ip_protocol, "protocol number of the IP header"),
      field("name", &R::name, "what it is, by Zeek's name"), field("addl", &R::addl, "details, such as an offending value"),
      field("notice", &R::notice, "whether it is of the kind that Zeek turns into a notice"),
      field("peer", &R::peer, "node that noticed it"), field("source", &R::source, "analyzer that noticed it"), community_id_field(),
      hidden_field("scope", &R::scope, "what the weird is about: decides how repeats are told apart"));
};

}  // namespace sensor
