// smb_files.log: files that were opened, renamed or deleted over SMB.
#pragma once

#include <optional>
#include <string>

#include "sensor/record/schema.h"

namespace sensor {

struct SmbFilesRecord : ConnHeader {
  std::optional<Uid> fuid;
  EnumName action;
  std::optional<std::string> path, name;
  uint64_t size = 0;
  std::optional<std::string> prev_name;
  std::optional<FarTime> modified, accessed, created, changed;
};

template <>
struct LogSchema<SmbFilesRecord> {
  using R = SmbFilesRecord;
  static constexpr std::string_view path = "smb_files";
  static constexpr std::string_view doc = "Files that were opened, renamed or deleted over SMB.";
  static constexpr auto fields = std::tuple_cat(
      conn_header_fields("time of the first request about the file"),
      std::make_tuple(field("fuid", &R::fuid, "the file that was carried, see files.log"), field("action", &R::action, "what was done"),
                      field("path", &R::path, "share of the file"),
                      field("name", &R::name, "name of the file in its share; <share_root> for the share itself"),
                      field("size", &R::size, "size of the file when it was opened"),
                      field("prev_name", &R::prev_name, "name of the file before it was renamed"),
                      field("times.modified", &R::modified, "when the content was last changed"),
                      field("times.accessed", &R::accessed, "when the file was last used"),
                      field("times.created", &R::created, "when the file was created"),
                      field("times.changed", &R::changed, "when the content or the attributes were last changed"), community_id_field()));
};

}  // namespace sensor
