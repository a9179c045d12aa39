// Decides which records of a log are written, where that takes the whole merged stream.
#pragma once

#include <memory>
#include <span>
#include <unordered_map>

#include "expiring_set.h"
#include "sensor/record/decoder.h"

namespace sensor {

/// Sees every record of one log in merged order. Belongs to the log thread.
class Reduction {
 public:
  virtual ~Reduction() = default;
  /// True when the record is to be written; may change its cells.
  virtual bool keep(TimeNs due_ns, std::span<Cell> cells) = 0;
};

/// The reduction of a log, or null when all its records are written.
std::unique_ptr<Reduction> make_reduction(const LogInfo& log);

/// x509: a certificate is written once a day for each role (host or not, client or not).
class CertificateReduction final : public Reduction {
 public:
  static constexpr DurationNs kLifetimeNs = 24 * 60 * kMinute;
  static constexpr size_t kCapacity = 200'000;

  explicit CertificateReduction(const LogInfo& log);
  bool keep(TimeNs due_ns, std::span<Cell> cells) override;

 private:
  size_t fingerprint_, host_, client_;
  ExpiringSet seen_{kLifetimeNs, kCapacity};
};

}  // namespace sensor
