// notice.log: what somebody should look at.
#pragma once

#include <optional>

#include "sensor/record/schema.h"

namespace sensor {

/// One notice, with Zeek's columns and a severity of our own. Made in the log thread, which sees the records of all workers in order.
struct NoticeRecord {
  Time ts;
  Uid uid;
  std::optional<IpAddress> orig_h;
  std::optional<Port> orig_p;
  std::optional<IpAddress> resp_h;
  std::optional<Port> resp_p;
  uint64_t ip_protocol = 0;  // of a connection's IP header
  Uid fuid;
  std::optional<std::string> file_mime_type, file_desc;
  std::optional<EnumName> proto;
  EnumName note;
  std::string msg;
  std::optional<std::string> sub;
  std::optional<IpAddress> src, dst;
  std::optional<Port> p;
  std::optional<uint64_t> n;
  std::optional<std::string> peer_descr;
  Set<EnumName> actions;
  Set<std::string> email_dest;
  Interval suppress_for;
  std::optional<std::string> country_code, region, city;
  std::optional<double> latitude, longitude;
  EnumName severity;
};

template <>
struct LogSchema<NoticeRecord> {
  using R = NoticeRecord;
  static constexpr std::string_view path = "notice";
  static constexpr std::string_view doc = "What somebody should look at; docs/NOTICES.md says more about it.";
  static constexpr auto fields = std::make_tuple(
      field("ts", &R::ts, "time at which it was noticed"), field("uid", &R::uid, "connection that it is about, if any"),
      field("id.orig_h", &R::orig_h, "originator's address"), field("id.orig_p", &R::orig_p, "originator's port"),
      field("id.resp_h", &R::resp_h, "responder's address"), field("id.resp_p", &R::resp_p, "responder's port"),
      hidden_field("id.ip_proto", &R::ip_protocol, "protocol number of the IP header"),
      field("fuid", &R::fuid, "file that it is about, if any"), field("file_mime_type", &R::file_mime_type, "type of that file"),
      field("file_desc", &R::file_desc, "what tells that file from others"),
      field("proto", &R::proto, "transport of the connection or port"), field("note", &R::note, "kind of notice"),
      field("msg", &R::msg, "what was noticed, for people"), field("sub", &R::sub, "details"),
      field("src", &R::src, "host that did it, or the originator"), field("dst", &R::dst, "host that it was done to, or the responder"),
      field("p", &R::p, "port that it was done to, or the responder's"), field("n", &R::n, "a count"),
      field("peer_descr", &R::peer_descr, "node that noticed it; unset where there is one only"),
      field("actions", &R::actions, "what was done about it"), field("email_dest", &R::email_dest, "mail addresses that were told; none"),
      field("suppress_for", &R::suppress_for, "for how long the same is not told again"),
      field("remote_location.country_code", &R::country_code, "not filled in"),
      field("remote_location.region", &R::region, "not filled in"), field("remote_location.city", &R::city, "not filled in"),
      field("remote_location.latitude", &R::latitude, "not filled in"), field("remote_location.longitude", &R::longitude, "not filled in"),
      community_id_field(), field("severity", &R::severity, "how much it matters: info, low, medium or high; goes by the kind"));
};

}  // namespace sensor
