// What the records of TLS and DTLS have in common, once their headers are read.
#pragma once

#include <array>

#include "src/session/tls_handshake.h"

namespace sensor {

/// Follows which direction is encrypted, and so when the handshake is over.
class TlsRecords {
 public:
  TlsRecords(SslRow& row, TlsHandshake& handshake) : row_(row), handshake_(handshake) {}

  bool encrypted(Direction d) const { return encrypted_[index(d)]; }
  void start_encryption(Direction d) { encrypted_[index(d)] = true; }
  /// Reads the next piece of a record that is not encrypted (all of it, but for change cipher specs). Handshake pieces are the caller's.
  /// False: malformed.
  bool plaintext(AnalyzerContext& c, Direction d, uint16_t content_type, ByteReader& r);
  /// An encrypted record was seen whole. True: it was the one that shows the handshake to be over.
  bool ciphertext(AnalyzerContext& c);

 private:
  bool alerts(AnalyzerContext& c, Direction d, ByteReader& r);
  bool heartbeat(AnalyzerContext& c, Direction d, ByteReader& r);

  SslRow& row_;
  TlsHandshake& handshake_;
  std::array<bool, 2> encrypted_{};
};

}  // namespace sensor
