// Weirds of reading ASN.1.
#pragma once

#include <string>
#include <string_view>

#include "sensor/record/weird.h"
#include "sensor/session/analyzer.h"

namespace sensor {

/// They belong to no connection, in Zeek. `bytes`: the size of what is too wide.
inline void asn1_weird(AnalyzerContext& c, std::string_view name, size_t bytes) {
  WeirdRecord w;
  w.ts = {c.now()};
  w.name = name;
  w.addl = std::to_string(bytes);
  c.records().write(c.now(), c.conn().uid, w);
}

}  // namespace sensor
