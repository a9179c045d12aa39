// arp.log: who asks for which address, and who claims it.
#pragma once

#include <optional>

#include "sensor/record/schema.h"

namespace sensor {

/// One message. The log thread fills in `claim` and `previous_mac`: only it sees the messages of all workers.
struct ArpRecord {
  Time ts;
  std::optional<uint64_t> vlan;
  std::optional<std::string> orig_l2_addr, resp_l2_addr;
  std::string operation;
  std::string sender_mac;
  IpAddress sender;
  std::string target_mac;
  IpAddress target;
  bool gratuitous = false;
  std::optional<std::string_view> claim;
  std::optional<std::string> previous_mac;
  bool claims = false;
};

template <>
struct LogSchema<ArpRecord> {
  using R = ArpRecord;
  static constexpr std::string_view path = "arp";
  static constexpr std::string_view doc = "ARP and RARP messages: who asks for which address, who claims it, and who takes it over.";
  static constexpr auto fields = std::make_tuple(
      field("ts", &R::ts, "time of the message"), field("vlan", &R::vlan, "VLAN it was sent in"),
      field("orig_l2_addr", &R::orig_l2_addr, "source address of the frame"),
      field("resp_l2_addr", &R::resp_l2_addr, "destination address of the frame"),
      field("operation", &R::operation, "request, reply, or another operation by IANA's name, by number where it has none"),
      field("sender_mac", &R::sender_mac, "hardware address of the sender, as the message says"),
      field("sender", &R::sender, "IP address of the sender; 0.0.0.0 in a probe"),
      field("target_mac", &R::target_mac, "hardware address of the target; zero in a request"),
      field("target", &R::target, "IP address of the target"),
      field("gratuitous", &R::gratuitous, "whether the sender tells everybody about its own address"),
      field("claim", &R::claim, "new: the first time that the sender is seen to have its IP address, changed: another one had it before"),
      field("previous_mac", &R::previous_mac, "hardware address that had the sender's IP address before, where that changed"),
      hidden_field("claims", &R::claims, "whether the message says where its sender is"));
};

}  // namespace sensor
