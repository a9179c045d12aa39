// Executable files of Windows, as far as their headers.
#pragma once

#include "dpi/pe/pe.h"
#include "src/session/documents.h"

namespace sensor {

inline constexpr std::string_view kExecutableType = "application/x-dosexec";

/// Writes pe.log for a file whose file header was read.
void log_executable(RecordWriter& records, const DocumentOrigin& origin, const pe::Reader& file);

}  // namespace sensor
