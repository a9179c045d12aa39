#include "src/session/certificate_cache.h"

#include <cstring>

namespace sensor {

size_t CertificateCache::DigestHash::operator()(const x509::Digest& d) const {
  size_t h;
  std::memcpy(&h, d.data(), sizeof h);
  return h;
}

std::shared_ptr<const x509::Certificate> CertificateCache::get(Bytes der) {
  const x509::Digest digest = x509::sha256(der);
  if (const auto it = by_digest_.find(digest); it != by_digest_.end()) return it->second;
  auto certificate = x509::parse_certificate(der);
  if (!certificate) return nullptr;
  if (by_age_.size() == capacity_) {
    by_digest_.erase(by_age_.front());
    by_age_.pop_front();
  }
  by_digest_.emplace(digest, certificate);
  by_age_.push_back(digest);
  return certificate;
}

}  // namespace sensor
