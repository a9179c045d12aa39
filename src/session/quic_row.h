// The rows of quic.log that the packets of a connection add up to.
#pragma once

#include <optional>

#include "dpi/quic/packet.h"
#include "dpi/tls/handshake.h"
#include "sensor/record/quic.h"
#include "sensor/session/analyzer.h"
#include "src/session/ssl_row.h"

namespace sensor {

/// One row per QUIC connection: a retry, a version nobody knows or a connection close ends it, and what follows begins another.
class QuicRow {
 public:
  /// An Initial, 0-RTT or Handshake packet; `letter` in lower case.
  void packet(AnalyzerContext& c, Direction d, const quic::Packet& p, char letter);
  void retry(AnalyzerContext& c, Direction d, const quic::Packet& p) { last_packet(c, d, p, 'r'); }
  void unknown_version(AnalyzerContext& c, Direction d, const quic::Packet& p) { last_packet(c, d, p, 'u'); }
  void connection_close(AnalyzerContext& c, Direction d);
  void client_hello(AnalyzerContext& c, const tls::ClientHello& hello, bool whole);
  void server_hello(AnalyzerContext& c);
  void fingerprints(const HelloFingerprints& f);
  /// Writes the row at hand, if there is one.
  void finish(AnalyzerContext& c);

 private:
  void start(AnalyzerContext& c, Direction d, const quic::Packet& p);
  void last_packet(AnalyzerContext& c, Direction d, const quic::Packet& p, char letter);
  void add_history(AnalyzerContext& c, Direction d, char letter);

  std::optional<QuicRecord> record_;
};

}  // namespace sensor
