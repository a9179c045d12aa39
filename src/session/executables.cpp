#include "src/session/executables.h"

#include "sensor/record/pe.h"

namespace sensor {
namespace {

void fill(PeRecord& r, const pe::OptionalHeader& h) {
  const auto has = [&](uint16_t flag) { return (h.dll_characteristics & flag) != 0; };
  r.os = pe::os_name(h.os_major, h.os_minor);
  r.subsystem = pe::subsystem_name(h.subsystem);
  r.uses_aslr = has(pe::kDynamicBase);
  r.uses_code_integrity = has(pe::kForceIntegrity);
  r.uses_dep = has(pe::kNxCompatible);
  r.uses_seh = !has(pe::kNoSeh);
  r.has_export_table = h.has_table(pe::kExport);
  r.has_import_table = h.has_table(pe::kImport);
  r.has_cert_table = h.has_table(pe::kCertificate);
  r.has_debug_data = h.has_table(pe::kDebug);
}

}  // namespace

void log_executable(RecordWriter& records, const DocumentOrigin& origin, const pe::Reader& file) {
  if (!file.file_header()) return;
  const pe::FileHeader& h = *file.file_header();
  PeRecord r;
  r.ts = {origin.begun_ns};
  r.id = origin.fuid;
  r.machine = pe::machine_name(h.machine);
  r.compile_ts = Time{h.timestamp * kSecond};
  r.is_exe = h.is_executable();
  r.is_64bit = h.is_64bit();
  if (file.optional_header()) fill(r, *file.optional_header());
  r.section_names = file.sections();
  records.write(origin.due_ns, origin.conn, r);
}

}  // namespace sensor
