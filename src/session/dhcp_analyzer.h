// DHCP: hands every message to the log thread, which joins those of one transaction.
#pragma once

#include <array>

#include "sensor/session/analyzer.h"
#include "sensor/session/protocols.h"

namespace sensor {

class DhcpAnalyzer final : public Analyzer {
 public:
  void on_data(AnalyzerContext& c, Direction d, Bytes datagram) override;
  bool at_rest() const override { return confirmed_; }
  void wake(AnalyzerContext&, uint64_t) override { confirmed_ = true; }

 private:
  bool confirmed_ = false;
};

/// Servers, clients, boot servers (PXE).
inline constexpr std::array<uint16_t, 3> kDhcpPorts{67, 68, 4011};
Probe probe_dhcp(const ProbeInput& in);

}  // namespace sensor
