// SNMP: one row of snmp.log for each connection.
#pragma once

#include <array>
#include <optional>

#include "dpi/snmp/snmp.h"
#include "sensor/record/snmp.h"
#include "sensor/session/analyzer.h"
#include "sensor/session/protocols.h"

namespace sensor {

class SnmpAnalyzer final : public Analyzer {
 public:
  /// Longer texts are cut off, so that a row fits into a record batch.
  static constexpr size_t kMaxText = 16 * 1024;

  void on_data(AnalyzerContext& c, Direction d, Bytes datagram) override;
  void on_finish(AnalyzerContext& c) override;

 private:
  void add(AnalyzerContext& c, const snmp::Message& m);

  std::optional<SnmpRecord> row_;
};

inline constexpr std::array<uint16_t, 2> kSnmpPorts{161, 162};
Probe probe_snmp(const ProbeInput& in);

}  // namespace sensor
