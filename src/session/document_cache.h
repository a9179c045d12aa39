// Parsed certificates and the like, so that what everybody sends is parsed once.
#pragma once

#include <cstring>
#include <deque>
#include <memory>
#include <unordered_map>
#include <utility>

#include "dpi/x509/x509.h"

namespace sensor {

/// Documents by the SHA-256 of their bytes. When full, the oldest goes. Belongs to one thread.
template <class Parsed>
class DocumentCache {
 public:
  explicit DocumentCache(size_t capacity) : capacity_(capacity) {}

  /// What parse(der) -> std::shared_ptr<const Parsed> made of these bytes, now or earlier; nullptr when it could make nothing of them.
  template <class Parse>
  std::shared_ptr<const Parsed> get(Bytes der, Parse parse) {
    const x509::Digest digest = x509::sha256(der);
    if (const auto it = by_digest_.find(digest); it != by_digest_.end()) return it->second;
    std::shared_ptr<const Parsed> document = parse(der);
    if (!document) return nullptr;
    if (by_age_.size() == capacity_) {
      by_digest_.erase(by_age_.front());
      by_age_.pop_front();
    }
    by_digest_.emplace(digest, document);
    by_age_.push_back(digest);
    return document;
  }
  size_t size() const { return by_digest_.size(); }

 private:
  struct DigestHash {
    size_t operator()(const x509::Digest& d) const {
      size_t h;
      std::memcpy(&h, d.data(), sizeof h);
      return h;
    }
  };

  size_t capacity_;
  std::unordered_map<x509::Digest, std::shared_ptr<const Parsed>, DigestHash> by_digest_;
  std::deque<x509::Digest> by_age_;
};

}  // namespace sensor
