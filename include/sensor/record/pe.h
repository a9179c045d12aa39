// pe.log: executable files of Windows.
#pragma once

#include <optional>

#include "sensor/record/schema.h"

namespace sensor {

struct PeRecord {
  Time ts;
  Uid id;
  std::optional<std::string> machine;
  std::optional<Time> compile_ts;
  std::optional<std::string> os, subsystem;
  bool is_exe = true, is_64bit = true;
  bool uses_aslr = false, uses_dep = false, uses_code_integrity = false, uses_seh = true;
  std::optional<bool> has_import_table, has_export_table, has_cert_table, has_debug_data;
  std::optional<std::vector<std::string>> section_names;
};

template <>
struct LogSchema<PeRecord> {
  using R = PeRecord;
  static constexpr std::string_view path = "pe";
  static constexpr std::string_view doc = "Headers of Windows executables, whatever carries them.";
  static constexpr auto fields = std::make_tuple(
      field("ts", &R::ts, "time of the file's first byte"), field("id", &R::id, "id of the file, as in files.log"),
      field("machine", &R::machine, "processor that it runs on"), field("compile_ts", &R::compile_ts, "when it was made, as it says"),
      field("os", &R::os, "system that it needs"), field("subsystem", &R::subsystem, "part of the system that it needs"),
      field("is_exe", &R::is_exe, "a program or a library; F: an object file"), field("is_64bit", &R::is_64bit, "for 64-bit processors"),
      field("uses_aslr", &R::uses_aslr, "may be loaded at any address"), field("uses_dep", &R::uses_dep, "its data are not executed"),
      field("uses_code_integrity", &R::uses_code_integrity, "its signature is checked when it is loaded"),
      field("uses_seh", &R::uses_seh, "handles exceptions the structured way"),
      field("has_import_table", &R::has_import_table, "it uses functions of libraries"),
      field("has_export_table", &R::has_export_table, "it offers functions"), field("has_cert_table", &R::has_cert_table, "it is signed"),
      field("has_debug_data", &R::has_debug_data, "it has data for debuggers"),
      field("section_names", &R::section_names, "names of its sections, in order"));
};

}  // namespace sensor
