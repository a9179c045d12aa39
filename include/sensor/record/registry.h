// Every log the sensor can write. Adding one is a line in src/record/registry.cpp.
#pragma once

#include <span>
#include <string>

#include "sensor/record/schema.h"

namespace sensor {

/// All logs, in the order of docs/LOGS.md.
std::span<const LogInfo* const> all_logs();

/// Zeek's name of a column's type: "set[string]".
std::string zeek_type_name(const ColumnInfo& column);

}  // namespace sensor
