// dnp3.log: what was asked of outstations in power grids and waterworks, and what they said.
#pragma once

#include <optional>

#include "sensor/record/schema.h"

namespace sensor {

struct Dnp3Record : ConnHeader {
  std::optional<std::string> fc_request, fc_reply;
  std::optional<uint64_t> iin;
};

template <>
struct LogSchema<Dnp3Record> {
  using R = Dnp3Record;
  static constexpr std::string_view path = "dnp3";
  static constexpr std::string_view doc = "DNP3 requests with their responses, and responses that nobody asked for.";
  static constexpr auto fields = std::tuple_cat(
      conn_header_fields("time of the response, or of the request where there is none"),
      std::make_tuple(field("fc_request", &R::fc_request, "function of the request"),
                      field("fc_reply", &R::fc_reply, "function of the response"),
                      field("iin", &R::iin, "internal indications of the response, its first byte above"), community_id_field()));
};

}  // namespace sensor
