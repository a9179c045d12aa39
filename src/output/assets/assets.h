// Hosts, services, certificates and software that show up in other logs' rows.
#pragma once

#include <array>
#include <string>

#include "../certificate_memory.h"
#include "../expiring_set.h"
#include "../reduction.h"
#include "../watch.h"
#include "sensor/output/asset_options.h"
#include "sensor/record/software.h"

namespace sensor {

/// Writes known_hosts.log, known_services.log and known_certs.log: each host, host with port and protocol, and host with port and
/// certificate once a day. Remembers kCapacity of each; of more, the oldest is forgotten. Belongs to the log thread.
class KnownAssets {
 public:
  static constexpr size_t kCapacity = 100'000;

  /// All outlive this object; the options may change meanwhile.
  KnownAssets(const AssetOptions& options, CertificateMemory& certificates, RowSink& rows, WatchList& watch);
  KnownAssets(const KnownAssets&) = delete;
  KnownAssets& operator=(const KnownAssets&) = delete;

 private:
  static constexpr DurationNs kLifetimeNs = 24 * 60 * kMinute;

  void see_connection(const SeenRecord& r);
  void see_host(const SeenRecord& r, const Cell& host);
  void see_service(const SeenRecord& r, const Cell& host, bool tcp);
  void see_handshake(const SeenRecord& r);
  bool chosen(const Cell& host) const { return matches(options_.hosts, host.address()); }

  const AssetOptions& options_;
  CertificateMemory& certificates_;
  RowSink& rows_;
  ExpiringSet known_hosts_{kLifetimeNs, kCapacity}, known_services_{kLifetimeNs, kCapacity}, known_certificates_{kLifetimeNs, kCapacity};
};

/// Writes software.log, from http.log, ssh.log, smtp.log, ftp.log and mysql.log: what a host says once a day. Remembers kCapacity of it; of
/// more, the oldest is forgotten. Belongs to the log thread.
class SoftwareFinder {
 public:
  static constexpr size_t kCapacity = 50'000;
  /// What a program says beyond this is left out.
  static constexpr size_t kMaxTextBytes = 512;

  /// All outlive this object; the options may change meanwhile.
  SoftwareFinder(const AssetOptions& options, RowSink& rows, WatchList& watch);
  SoftwareFinder(const SoftwareFinder&) = delete;
  SoftwareFinder& operator=(const SoftwareFinder&) = delete;

 private:
  void see_http(const SeenRecord& r);
  void see_ssh(const SeenRecord& r);
  void see_smtp(const SeenRecord& r);
  void found(TimeNs now, std::string_view type, const IpAddress& host, std::optional<Port> port, std::string_view text);

  const AssetOptions& options_;
  RowSink& rows_;
  ExpiringSet told_{24 * 60 * kMinute, kCapacity};
};

/// Encodes a record and puts it into its log.
template <class Record>
void put_row(RowSink& rows, TimeNs due_ns, const Record& record) {
  std::array<uint8_t, 16 * 1024> buffer;
  RecordEncoder out(buffer);
  encode_fields(out, record);
  if (out.ok()) rows.write_row(log_info<Record>(), due_ns, Bytes(buffer).first(out.size()));
}

}  // namespace sensor
