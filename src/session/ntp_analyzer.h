// NTP: a row of ntp.log for each message that tells the time.
#pragma once

#include <array>

#include "dpi/ntp/ntp.h"
#include "sensor/session/analyzer.h"
#include "sensor/session/protocols.h"

namespace sensor {

class NtpAnalyzer final : public Analyzer {
 public:
  void on_data(AnalyzerContext& c, Direction d, Bytes datagram) override;
  bool at_rest() const override { return confirmed_; }
  uint64_t sleep() const override { return flipped_; }
  void wake(AnalyzerContext&, uint64_t memory) override {
    flipped_ = static_cast<uint8_t>(memory);
    confirmed_ = true;
  }

 private:
  uint8_t flipped_ = 0;  // a bit for each direction whose message has turned the roles round
  bool confirmed_ = false;
};

inline constexpr std::array<uint16_t, 1> kNtpPorts{123};
Probe probe_ntp(const ProbeInput& in);

}  // namespace sensor
