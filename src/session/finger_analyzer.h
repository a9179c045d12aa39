// Finger: its service. It has no log, as in Zeek.
#pragma once

#include <array>
#include <string>

#include "sensor/session/analyzer.h"
#include "sensor/session/protocols.h"

namespace sensor {

class FingerAnalyzer final : public Analyzer {
 public:
  /// Queries are not longer.
  static constexpr size_t kMaxLine = 512;

  void on_data(AnalyzerContext& c, Direction d, Bytes bytes) override;
  void on_gap(AnalyzerContext& c, Direction, uint64_t) override { c.done(); }

 private:
  std::string line_;
};

/// A line of text is no content to know it by.
inline constexpr std::array<uint16_t, 1> kFingerPorts{79};

}  // namespace sensor
