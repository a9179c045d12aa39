// DTLS over UDP: ssl.log and x509.log.
#pragma once

#include <array>

#include "dpi/tls/dtls.h"
#include "sensor/session/protocols.h"
#include "src/session/tls_records.h"

namespace sensor {

class DtlsAnalyzer final : public Analyzer {
 public:
  void on_data(AnalyzerContext& c, Direction d, Bytes datagram) override;
  void on_finish(AnalyzerContext& c) override;

 private:
  /// Reads one record and moves behind it. False: malformed.
  bool read_record(AnalyzerContext& c, Direction d, ByteReader& r);
  /// DTLS 1.3's header for encrypted records (RFC 9147 section 4).
  void unified_record(AnalyzerContext& c, Direction d);
  void unknown_version(AnalyzerContext& c);
  bool plaintext(AnalyzerContext& c, Direction d, const tls::DtlsRecord& record);
  bool handshake_fragment(AnalyzerContext& c, Direction d, const tls::DtlsRecord& record);
  void feed(AnalyzerContext& c, Direction d, const tls::DtlsFragment& f, Bytes body);

  SslRow row_;
  TlsHandshake handshake_{row_, TlsHandshake::Flavor::Dtls};
  TlsRecords records_{row_, handshake_};
  std::array<tls::DtlsReassembly, 2> reassembly_;
  uint16_t unknown_versions_ = 0;  // records in a row
  bool version_violation_reported_ = false;
  bool finished_ = false;
};

inline constexpr std::array<uint16_t, 1> kDtlsPorts{443};

/// A client's hello, from either side.
Probe probe_dtls(const ProbeInput& in);

}  // namespace sensor
