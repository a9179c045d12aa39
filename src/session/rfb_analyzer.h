// RFB (VNC) on one connection: a row of rfb.log.
#pragma once

#include <optional>

#include "dpi/rfb/rfb.h"
#include "sensor/record/rfb.h"
#include "sensor/session/analyzer.h"
#include "sensor/session/protocols.h"

namespace sensor {

class RfbAnalyzer final : public Analyzer, private rfb::Sink {
 public:
  /// A longer name is cut off, so that the row fits into a record batch.
  static constexpr size_t kMaxName = 16 * 1024;

  RfbAnalyzer() : reader_(*this) {}

  void on_data(AnalyzerContext& c, Direction d, Bytes bytes) override;
  /// What the next bytes are is not known any more.
  void on_gap(AnalyzerContext& c, Direction d, uint64_t bytes) override;
  void on_finish(AnalyzerContext& c) override;

 private:
  void on_version(bool from_client, std::string_view major, std::string_view minor) override;
  void on_security(uint32_t type) override { row().authentication_method = rfb::security_name(type); }
  void on_security_result(bool success) override { row().auth = success; }
  void on_tls() override { tls_follows_ = true; }
  void on_shared(bool shared) override { row().share_flag = shared; }
  void on_desktop(std::string_view name, uint16_t width, uint16_t height) override;
  void on_violation(std::string_view reason) override;

  RfbRecord& row();
  void finish(AnalyzerContext& c);

  rfb::Reader reader_;
  AnalyzerContext* c_ = nullptr;  // valid during a call from the session
  std::optional<RfbRecord> row_;  // until it is written
  bool tls_follows_ = false;
  bool violated_ = false;
};

Probe probe_rfb(const ProbeInput& in);

}  // namespace sensor
