// Kerberos over UDP and TCP (RFC 4120 section 7.2).
#pragma once

#include <array>

#include "sensor/session/analyzer.h"
#include "sensor/session/protocols.h"
#include "src/session/carry_over.h"
#include "src/session/kerberos_exchange.h"

namespace sensor {

class KerberosUdpAnalyzer final : public Analyzer {
 public:
  void on_data(AnalyzerContext& c, Direction d, Bytes datagram) override;
  void on_finish(AnalyzerContext& c) override { exchange_.finish(c); }

 private:
  KerberosExchange exchange_;
};

class KerberosTcpAnalyzer final : public Analyzer {
 public:
  /// Longer messages are malformed; a ticket has at most 64 KiB or so.
  static constexpr size_t kMaxMessage = 256 * 1024;

  void on_data(AnalyzerContext& c, Direction d, Bytes bytes) override;
  void on_gap(AnalyzerContext&, Direction, uint64_t) override { had_gap_ = true; }
  void on_finish(AnalyzerContext& c) override { exchange_.finish(c); }

 private:
  KerberosExchange exchange_;
  std::array<CarryOver, 2> held_;  // the beginnings of messages
  bool had_gap_ = false;
};

inline constexpr std::array<uint16_t, 1> kKerberosPorts{88};
Probe probe_kerberos_datagram(const ProbeInput& in);
Probe probe_kerberos_stream(const ProbeInput& in);

}  // namespace sensor
