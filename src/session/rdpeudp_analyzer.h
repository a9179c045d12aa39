// RDP over UDP: the service of conn.log.
#pragma once

#include <array>

#include "sensor/session/analyzer.h"
#include "sensor/session/protocols.h"

namespace sensor {

/// Done when the server has answered the client's SYN.
class RdpeudpAnalyzer final : public Analyzer {
 public:
  void on_data(AnalyzerContext& c, Direction d, Bytes datagram) override;

 private:
  bool asked_ = false;
};

inline constexpr std::array<uint16_t, 1> kRdpeudpPorts{3389};
Probe probe_rdpeudp(const ProbeInput& in);

}  // namespace sensor
