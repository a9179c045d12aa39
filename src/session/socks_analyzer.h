// SOCKS on one connection: a row of socks.log; what comes behind the opened tunnel is looked at as a connection of its own.
#pragma once

#include <array>
#include <optional>

#include "dpi/socks/socks.h"
#include "sensor/record/socks.h"
#include "sensor/session/analyzer.h"
#include "sensor/session/protocols.h"
#include "src/session/carry_over.h"

namespace sensor {

class SocksAnalyzer final : public Analyzer {
 public:
  void on_data(AnalyzerContext& c, Direction d, Bytes bytes) override;
  /// What is missing may be a message: nothing behind it can be told apart.
  void on_gap(AnalyzerContext& c, Direction d, uint64_t bytes) override;
  void on_finish(AnalyzerContext& c) override;

 private:
  socks::Status message(AnalyzerContext& c, Direction d, ByteReader& r);
  socks::Status client_message(AnalyzerContext& c, ByteReader& r);
  socks::Status server_message(AnalyzerContext& c, ByteReader& r);
  socks::Status login(AnalyzerContext& c, ByteReader& r);
  socks::Status login_reply(AnalyzerContext& c, ByteReader& r);
  socks::Status request(AnalyzerContext& c, uint8_t version, ByteReader& r);
  socks::Status reply(AnalyzerContext& c, uint8_t version, ByteReader& r);
  SocksRecord& row(AnalyzerContext& c, uint8_t version);
  bool opened() const { return done_[0] && done_[1]; }

  std::array<CarryOver, 2> held_;  // the beginnings of messages, at most socks::kMaxMessage
  std::array<bool, 2> done_{};     // the side has sent its last message
  std::optional<SocksRecord> row_;
  uint8_t method_ = 0xff;
  bool method_chosen_ = false;
  bool logging_in_ = false;
  bool confirmed_ = false;
  bool stopped_ = false;
  bool handed_on_ = false;
};

inline constexpr std::array<uint16_t, 1> kSocksPorts{1080};
Probe probe_socks(const ProbeInput& in);

}  // namespace sensor
