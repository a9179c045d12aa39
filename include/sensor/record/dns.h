// dns.log: a row for every query, with its answer when one was seen.
#pragma once

#include "sensor/record/schema.h"

namespace sensor {

/// Views must live until the record is written. Queries without an answer and answers without a query have a row of their own.
struct DnsRecord : ConnHeader {
  EnumName proto;
  std::optional<uint64_t> trans_id;
  std::optional<Interval> rtt;
  std::optional<std::string_view> query;
  std::optional<uint64_t> qclass;
  std::optional<std::string_view> qclass_name;
  std::optional<uint64_t> qtype;
  std::optional<std::string_view> qtype_name;
  std::optional<uint64_t> rcode;
  std::optional<std::string_view> rcode_name;
  bool aa = false, tc = false, rd = false, ra = false;
  uint64_t z = 0;
  std::optional<std::vector<std::string_view>> answers;
  std::optional<std::vector<Interval>> ttls;
  bool rejected = false;
};

template <>
struct LogSchema<DnsRecord> {
  static constexpr std::string_view path = "dns";
  static constexpr std::string_view doc = "DNS queries and their answers, mDNS, LLMNR and NetBIOS names included.";
  static constexpr auto fields = std::tuple_cat(
      conn_header_fields("time of the query, or of the answer when no query was seen"),
      std::make_tuple(
          field("proto", &DnsRecord::proto, "transport protocol"),
          field("trans_id", &DnsRecord::trans_id, "identifier that the client chose and the server repeats"),
          field("rtt", &DnsRecord::rtt, "time from the query to the first record of its answer"),
          field("query", &DnsRecord::query, "name that was asked for, in lower case"),
          field("qclass", &DnsRecord::qclass, "class that was asked for, as a number"),
          field("qclass_name", &DnsRecord::qclass_name, "name of that class"),
          field("qtype", &DnsRecord::qtype, "record type that was asked for, as a number"),
          field("qtype_name", &DnsRecord::qtype_name, "name of that record type"),
          field("rcode", &DnsRecord::rcode, "response code, as a number"),
          field("rcode_name", &DnsRecord::rcode_name, "name of the response code"),
          field("AA", &DnsRecord::aa, "the answer comes from an authority for the name"),
          field("TC", &DnsRecord::tc, "the query says that it was truncated"), field("RD", &DnsRecord::rd, "the client wants recursion"),
          field("RA", &DnsRecord::ra, "the server offers recursion; known only when there are answers"),
          field("Z", &DnsRecord::z, "the three bits of the query between RA and the response code: reserved, AD, CD"),
          field("answers", &DnsRecord::answers, "data of the records in the answer section"),
          field("TTLs", &DnsRecord::ttls, "how long each of the answers may be cached"),
          field("rejected", &DnsRecord::rejected, "the server refused: it returned no records at all, or an error without the question"),
          community_id_field()));
};

}  // namespace sensor
