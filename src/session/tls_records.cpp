#include "src/session/tls_records.h"

#include <algorithm>

#include "dpi/tls/record.h"

namespace sensor {

bool TlsRecords::plaintext(AnalyzerContext& c, Direction d, uint16_t content_type, ByteReader& r) {
  switch (content_type) {
    case tls::content::kChangeCipherSpec:
      r.skip(1);
      // TLS 1.3 sends it only to look like TLS 1.2 (RFC 8446 appendix D.4).
      if (!handshake_.is_tls13()) start_encryption(d);
      row_.change_cipher_spec(c, handshake_.from_client(d));
      break;
    case tls::content::kAlert:
      if (!alerts(c, d, r)) return false;
      break;
    case tls::content::kHeartbeat:
      if (!heartbeat(c, d, r)) return false;
      break;
    case tls::content::kApplicationData:
      r.skip(r.remaining());
      break;
    default:
      r.skip(r.remaining());
      row_.violation(c, "unknown SSL record type");
      break;
  }
  row_.plaintext_record(c, content_type);
  return true;
}

bool TlsRecords::alerts(AnalyzerContext& c, Direction d, ByteReader& r) {
  constexpr size_t kAlertBytes = 2;
  // TLS 1.3 allows one per record (RFC 8446 section 5.1).
  const size_t limit = (handshake_.is_tls13() ? 1 : 10) * kAlertBytes;
  if (r.remaining() > limit) {
    c.weird("SSL_excessive_alerts_in_record", std::to_string(r.remaining() / kAlertBytes), handshake_.analyzer_name());
  }
  ByteReader list = r.sub(std::min(r.remaining(), limit));
  while (!list.empty()) {
    list.skip(1);  // level
    const uint8_t description = list.u8();
    if (!list.ok()) return false;
    row_.alert(c, handshake_.from_client(d), description);
  }
  r.skip(r.remaining());
  return true;
}

/// RFC 6520 section 4.
bool TlsRecords::heartbeat(AnalyzerContext& c, Direction d, ByteReader& r) {
  r.skip(3);  // type and length of the payload
  if (!r.ok()) return false;
  r.skip(r.remaining());
  row_.heartbeat(c, handshake_.from_client(d));
  return true;
}

bool TlsRecords::ciphertext(AnalyzerContext& c) {
  if (!encrypted_[0] || !encrypted_[1]) return false;
  row_.established(c);
  return true;
}

}  // namespace sensor
