// RADIUS: requests, challenges and the answer become one row of radius.log.
#pragma once

#include <array>
#include <optional>

#include "dpi/radius/radius.h"
#include "sensor/record/radius.h"
#include "sensor/session/analyzer.h"
#include "sensor/session/protocols.h"

namespace sensor {

class RadiusAnalyzer final : public Analyzer {
 public:
  void on_data(AnalyzerContext& c, Direction d, Bytes datagram) override;
  void on_finish(AnalyzerContext& c) override;
  bool at_rest() const override { return confirmed_ && !row_; }
  void wake(AnalyzerContext&, uint64_t) override { confirmed_ = true; }

 private:
  void answer(AnalyzerContext& c, std::string_view result);
  void write(AnalyzerContext& c, std::string_view result);

  std::optional<RadiusRecord> row_;  // of the attempt at hand; attributes are at most 253 bytes long
  bool confirmed_ = false;
};

inline constexpr std::array<uint16_t, 1> kRadiusPorts{1812};
Probe probe_radius(const ProbeInput& in);

}  // namespace sensor
