// smb_mapping.log: shares that clients connected to.
#pragma once

#include <optional>
#include <string>

#include "sensor/record/schema.h"

namespace sensor {

struct SmbMappingRecord : ConnHeader {
  std::optional<std::string> path, service, native_file_system;
  std::string share_type;
};

template <>
struct LogSchema<SmbMappingRecord> {
  using R = SmbMappingRecord;
  static constexpr std::string_view path = "smb_mapping";
  static constexpr std::string_view doc = "Shares that SMB clients connected to.";
  static constexpr auto fields = std::tuple_cat(
      conn_header_fields("time of the request"),
      std::make_tuple(field("path", &R::path, "name of the share"), field("service", &R::service, "kind of the share, as SMB 1 names it"),
                      field("native_file_system", &R::native_file_system, "file system of the share; SMB 1"),
                      field("share_type", &R::share_type, "DISK, PIPE or PRINT"), community_id_field()));
};

}  // namespace sensor
