// Syslog over UDP: a row of syslog.log for each message.
#pragma once

#include <array>

#include "sensor/session/analyzer.h"
#include "sensor/session/protocols.h"

namespace sensor {

class SyslogAnalyzer final : public Analyzer {
 public:
  /// Longer texts are cut off, so that a row fits into a record batch.
  static constexpr size_t kMaxText = 60 * 1024;

  void on_data(AnalyzerContext& c, Direction d, Bytes datagram) override;
  bool at_rest() const override { return confirmed_; }
  void wake(AnalyzerContext&, uint64_t) override { confirmed_ = true; }

 private:
  bool confirmed_ = false;
};

inline constexpr std::array<uint16_t, 1> kSyslogPorts{514};
Probe probe_syslog(const ProbeInput& in);

}  // namespace sensor
