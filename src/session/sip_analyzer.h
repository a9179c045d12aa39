// SIP over UDP: a row of sip.log for each response, and for what has none at the end.
#pragma once

#include <array>
#include <optional>
#include <string>

#include "dpi/sip/sip.h"
#include "sensor/record/sip.h"
#include "sensor/session/analyzer.h"
#include "sensor/session/protocols.h"

namespace sensor {

class SipAnalyzer final : public Analyzer {
 public:
  /// Via fields of a row in each direction, as in Zeek.
  static constexpr size_t kMaxPath = 100;
  /// Longer texts and Via fields are cut off, so that a row fits into a record batch.
  static constexpr size_t kMaxText = 1024, kMaxVia = 200;
  /// What is remembered of datagrams that are no messages.
  static constexpr size_t kMaxJunk = 1024;

  void on_data(AnalyzerContext& c, Direction d, Bytes datagram) override;
  void on_finish(AnalyzerContext& c) override;
  bool at_rest() const override { return confirmed_ && !row_ && junk_.empty(); }
  void wake(AnalyzerContext&, uint64_t) override { confirmed_ = true; }

 private:
  void begin(AnalyzerContext& c, const sip::StartLine& line);
  void report_junk(AnalyzerContext& c, std::string_view junk);
  void request_field(AnalyzerContext& c, const sip::Header& h);
  void response_field(AnalyzerContext& c, const sip::Header& h);
  void end_response(AnalyzerContext& c);
  void write(AnalyzerContext& c);

  /// Of the request at hand, until its final response. A further request goes on with the same row, as in Zeek.
  std::optional<SipRecord> row_;
  std::string junk_;
  bool confirmed_ = false;
};

inline constexpr std::array<uint16_t, 1> kSipPorts{5060};
Probe probe_sip(const ProbeInput& in);

}  // namespace sensor
