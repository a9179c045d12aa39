// What certificates say, for rows about the handshakes that showed them.
#pragma once

#include "expiring_map.h"
#include "watch.h"

namespace sensor {

/// x509 records come before the row of their handshake, which names them by fingerprint. Remembers the last kCapacity certificates that
/// were new. Belongs to the log thread.
class CertificateMemory {
 public:
  static constexpr size_t kCapacity = 20'000;

  struct Certificate {
    bool known = false;
    std::string subject, issuer, serial, key_type;
    TimeNs not_before_ns = 0, not_after_ns = 0;
    uint64_t key_bits = 0;  // 0: not known
  };

  explicit CertificateMemory(WatchList& watch);
  CertificateMemory(const CertificateMemory&) = delete;
  CertificateMemory& operator=(const CertificateMemory&) = delete;

  /// Null when it was not seen, or is forgotten. Valid until the next record.
  const Certificate* find(const std::string& fingerprint, TimeNs now) { return certificates_.find(fingerprint, now); }

 private:
  void see(const SeenRecord& r);

  ExpiringMap<Certificate> certificates_;
};

/// The first string of a set or vector; empty when there is none.
std::string first_string(const Cell& container);

}  // namespace sensor
