// SSL and TLS over TCP: ssl.log and x509.log.
#pragma once

#include <array>

#include "sensor/session/protocols.h"
#include "src/session/tls_stream.h"

namespace sensor {

class TlsAnalyzer final : public Analyzer {
 public:
  void on_data(AnalyzerContext& c, Direction d, Bytes bytes) override;
  /// Nothing after a gap can be read: there is no telling where the next record begins.
  void on_gap(AnalyzerContext& c, Direction d, uint64_t bytes) override;
  void on_finish(AnalyzerContext& c) override;
  bool on_violated(AnalyzerContext& c) override;

 private:
  void name_grid_ftp(AnalyzerContext& c);

  bool begun_ = false;
  bool established_ = false;
  SslRow row_;
  TlsStream stream_{row_};
};

/// Responder ports where TLS is expected from the first byte.
inline constexpr std::array<uint16_t, 11> kTlsPorts{443, 563, 585, 614, 636, 989, 990, 992, 993, 995, 5223};

/// A client's hello in the originator's bytes, or a server's in the responder's.
Probe probe_tls(const ProbeInput& in);

}  // namespace sensor
