// icmp.log: echoes with their round trip, errors with what they are about, neighbour discovery.
#pragma once

#include <optional>

#include "sensor/record/schema.h"

namespace sensor {

struct IcmpRecord : ConnHeader {
  uint64_t type = 0, code = 0;
  std::optional<std::string_view> name;  // static storage
  uint64_t bytes = 0;
  std::optional<uint64_t> echo_id, echo_seq;
  std::optional<Interval> rtt;
  std::optional<IpAddress> quoted_src, quoted_dst;
  std::optional<Port> quoted_src_port, quoted_dst_port;
  std::optional<uint64_t> quoted_proto;
  std::optional<uint64_t> mtu;
  std::optional<IpAddress> gateway, target;
  std::optional<std::string> link_addr;
};

template <>
struct LogSchema<IcmpRecord> {
  using R = IcmpRecord;
  static constexpr std::string_view path = "icmp";
  static constexpr std::string_view doc = "ICMP and ICMPv6 messages; an echo request and its reply are one row.";
  static constexpr auto fields = std::tuple_cat(
      conn_header_fields("time of the message, of an echo its request"),
      std::make_tuple(field("type", &R::type, "type of the message"), field("code", &R::code, "code of the message"),
                      field("name", &R::name, "the type's name"), field("bytes", &R::bytes, "bytes behind the header"),
                      field("echo_id", &R::echo_id, "identifier of an echo"), field("echo_seq", &R::echo_seq, "sequence number of an echo"),
                      field("rtt", &R::rtt, "from the echo request to its reply"),
                      field("quoted_src", &R::quoted_src, "source of the packet that an error is about"),
                      field("quoted_src_p", &R::quoted_src_port, "its source port"), field("quoted_dst", &R::quoted_dst, "its destination"),
                      field("quoted_dst_p", &R::quoted_dst_port, "its destination port"),
                      field("quoted_proto", &R::quoted_proto, "its IP protocol number"),
                      field("mtu", &R::mtu, "largest packet that would have got through"),
                      field("gateway", &R::gateway, "redirect: router to be asked instead"),
                      field("target", &R::target, "neighbour discovery and redirect: address in question"),
                      field("link_addr", &R::link_addr, "neighbour discovery: Ethernet address that the message names"),
                      community_id_field()));
};

}  // namespace sensor
