// ntp.log: messages that tell the time.
#pragma once

#include <optional>

#include "sensor/record/schema.h"

namespace sensor {

struct NtpRecord : ConnHeader {
  uint64_t version = 0, mode = 0;
  std::optional<uint64_t> stratum;
  std::optional<Interval> poll, precision, root_delay, root_dispersion;
  std::optional<std::string> reference_id;
  std::optional<Time> reference, origin, receive, transmit;
  uint64_t extension_fields = 0;
};

template <>
struct LogSchema<NtpRecord> {
  using R = NtpRecord;
  static constexpr std::string_view path = "ntp";
  static constexpr std::string_view doc = "NTP messages that tell the time.";
  static constexpr auto fields = std::tuple_cat(
      conn_header_fields("time of the message"),
      std::make_tuple(field("version", &R::version, "version of NTP"),
                      field("mode", &R::mode, "1 and 2: between peers, 3: client, 4: server, 5: broadcast"),
                      field("stratum", &R::stratum, "distance of the sender from a reference clock"),
                      field("poll", &R::poll, "longest time between messages"),
                      field("precision", &R::precision, "precision of the sender's clock"),
                      field("root_delay", &R::root_delay, "round trip to the reference clock"),
                      field("root_disp", &R::root_dispersion, "dispersion to the reference clock"),
                      field("ref_id", &R::reference_id, "stratum 0: kiss code, 1: kind of clock, above: address or hash of the server"),
                      field("ref_time", &R::reference, "when the sender's clock was set last"),
                      field("org_time", &R::origin, "when the request left the client, by its clock"),
                      field("rec_time", &R::receive, "when the request reached the server, by its clock"),
                      field("xmt_time", &R::transmit, "when this message left its sender, by its clock"),
                      field("num_exts", &R::extension_fields, "number of extension fields"), community_id_field()));
};

}  // namespace sensor
