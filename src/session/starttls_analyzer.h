// Connections that switch to TLS on request: their service, and the hand-over to the TLS analyzer.
#pragma once

#include <optional>

#include "dpi/starttls/starttls.h"
#include "sensor/session/analyzer.h"
#include "sensor/session/protocols.h"

namespace sensor {

class StarttlsAnalyzer final : public Analyzer {
 public:
  void on_data(AnalyzerContext& c, Direction d, Bytes bytes) override;
  /// What was missed may have been the request.
  void on_gap(AnalyzerContext& c, Direction d, uint64_t bytes) override;

 private:
  bool recognise(AnalyzerContext& c, Direction d, Bytes bytes);
  void watch(AnalyzerContext& c, Direction d, Bytes bytes);

  std::optional<starttls::Watcher> watcher_;
  // Until the carrier is known; the session's probe has seen these bytes already, so they are few.
  struct Piece {
    Direction direction;
    std::string bytes;
  };
  std::vector<Piece> early_;
  std::array<std::string, 2> prefix_;
};

Probe probe_starttls(const ProbeInput& in);

}  // namespace sensor
