// Parsed certificates, so that the chain everybody sends is parsed once.
#pragma once

#include <deque>
#include <memory>
#include <unordered_map>

#include "dpi/x509/x509.h"

namespace sensor {

/// Certificates by the SHA-256 of their bytes. When full, the oldest goes. Belongs to one thread.
class CertificateCache {
 public:
  explicit CertificateCache(size_t capacity) : capacity_(capacity) {}

  /// nullptr when the bytes are no certificate.
  std::shared_ptr<const x509::Certificate> get(Bytes der);
  size_t size() const { return by_digest_.size(); }

 private:
  struct DigestHash {
    size_t operator()(const x509::Digest& d) const;
  };

  size_t capacity_;
  std::unordered_map<x509::Digest, std::shared_ptr<const x509::Certificate>, DigestHash> by_digest_;
  std::deque<x509::Digest> by_age_;
};

}  // namespace sensor
