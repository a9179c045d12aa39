// software.log: programs that say what they are.
#pragma once

#include <optional>

#include "sensor/record/schema.h"

namespace sensor {

struct SoftwareRecord {
  Time ts;
  IpAddress host;
  std::optional<Port> host_p;
  EnumName software_type;
  std::optional<std::string> name;
  std::optional<uint64_t> major, minor, minor2, minor3;
  std::optional<std::string> addl;
  std::optional<std::string> unparsed_version;
};

template <>
struct LogSchema<SoftwareRecord> {
  using R = SoftwareRecord;
  static constexpr std::string_view path = "software";
  static constexpr std::string_view doc = "Programs that say what they are, each once a day for every host.";
  static constexpr auto fields =
      std::make_tuple(field("ts", &R::ts, "when the row that told it was due"), field("host", &R::host, "address of the host"),
                      field("host_p", &R::host_p, "port of a server"),
                      field("software_type", &R::software_type, "what it is, such as HTTP::BROWSER or SSH::SERVER"),
                      field("name", &R::name, "name of the program, as far as it can be told"),
                      field("version.major", &R::major, "first number of its version"), field("version.minor", &R::minor, "second number"),
                      field("version.minor2", &R::minor2, "third number"), field("version.minor3", &R::minor3, "fourth number"),
                      field("version.addl", &R::addl, "what else the version says"),
                      field("unparsed_version", &R::unparsed_version, "all that the program said"));
};

}  // namespace sensor
