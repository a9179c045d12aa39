// Decides which records of a log are written, where that takes the whole merged stream.
#pragma once

#include <memory>
#include <span>

#include "expiring_set.h"
#include "sensor/record/decoder.h"

namespace sensor {

/// Where a reduction puts rows that it makes itself.
class RowSink {
 public:
  virtual void write_row(const LogInfo& log, TimeNs due_ns, Bytes fields) = 0;

 protected:
  ~RowSink() = default;
};

/// Sees every record of one log in merged order. Belongs to the log thread.
class Reduction {
 public:
  virtual ~Reduction() = default;
  /// True when the record is to be written; may change its cells.
  virtual bool keep(TimeNs due_ns, std::span<Cell> cells) = 0;
  /// Whether a row that is written later begins with the record that keep() left out last.
  virtual bool begins_row() const { return false; }
  /// Writes the rows that are held.
  virtual void finish(TimeNs /*end_ns*/) {}
};

/// The reduction of a log, or null when all its records are written. The sink outlives it.
std::unique_ptr<Reduction> make_reduction(const LogInfo& log, RowSink& rows);

/// What is no log: only who watches it sees it.
class NoRow final : public Reduction {
 public:
  bool keep(TimeNs, std::span<Cell>) override { return false; }
};

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
