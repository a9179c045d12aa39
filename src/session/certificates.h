// Certificates on their way from a protocol to x509.log.
#pragma once

#include <array>
#include <deque>
#include <memory>
#include <unordered_map>

#include "dpi/x509/x509.h"
#include "sensor/session/analyzer.h"

namespace sensor {

/// Parsed certificates by the SHA-256 of their bytes, so that the chain everybody sends is parsed once. When full, the oldest goes.
class CertificateCache {
 public:
  explicit CertificateCache(size_t capacity) : capacity_(capacity) {}

  /// `digest` is that of `der`. nullptr when the bytes are no certificate.
  std::shared_ptr<const x509::Certificate> get(const x509::Digest& digest, Bytes der);
  size_t size() const { return by_digest_.size(); }

 private:
  struct DigestHash {
    size_t operator()(const x509::Digest& d) const;
  };

  size_t capacity_;
  std::unordered_map<x509::Digest, std::shared_ptr<const x509::Certificate>, DigestHash> by_digest_;
  std::deque<x509::Digest> by_age_;
};

/// Where a certificate stood.
struct CertificateRole {
  bool host = false;    // first of its chain
  bool client = false;  // sent by the client
};

/// Reads a certificate, writes its row of x509.log and the weirds it gives cause for. nullptr when the bytes are no certificate.
std::shared_ptr<const x509::Certificate> log_certificate(AnalyzerContext& c, Bytes der, CertificateRole role);

}  // namespace sensor
