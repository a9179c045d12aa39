// DNP3 on one connection: a row of dnp3.log for each response, with the request before it.
#pragma once

#include <array>
#include <optional>

#include "dpi/dnp3/dnp3.h"
#include "sensor/record/dnp3.h"
#include "sensor/session/analyzer.h"
#include "sensor/session/protocols.h"

namespace sensor {

class Dnp3Analyzer final : public Analyzer, private dnp3::Sink {
 public:
  Dnp3Analyzer() : reader_(*this) {}

  void on_data(AnalyzerContext& c, Direction d, Bytes bytes) override;
  void on_finish(AnalyzerContext& c) override;

 private:
  void on_frame() override;
  void on_wrong_direction() override { weird("dnp3_unexpected_flow_direction"); }
  void on_request(uint8_t function) override;
  void on_response(uint8_t function, uint16_t indications) override;
  void on_problem(dnp3::Problem problem) override;

  void weird(std::string_view name);
  Dnp3Record& row();
  void write();

  dnp3::Reader reader_;
  AnalyzerContext* c_ = nullptr;   // valid during a call from the session
  std::optional<Dnp3Record> row_;  // of a request without a response yet
};

inline constexpr std::array<uint16_t, 1> kDnp3Ports{20000};
Probe probe_dnp3(const ProbeInput& in);

}  // namespace sensor
