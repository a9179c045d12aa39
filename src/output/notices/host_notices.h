// Notices about hosts that try again and again: guessed passwords, scanned addresses and ports.
#pragma once

#include <vector>

#include "../expiring_map.h"
#include "notice_log.h"
#include "sensor/record/ssh.h"

namespace sensor {

/// SSH logins that fail, by client, within a window that begins with the first. Follows kCapacity clients; of more, the one whose window
/// is the oldest is forgotten. Belongs to the log thread.
class SshGuessing {
 public:
  static constexpr size_t kCapacity = 20'000, kSamples = 5;

  /// All outlive this object; the options may change meanwhile.
  SshGuessing(const NoticeOptions& options, NoticeLog& notices, WatchList& watch);
  SshGuessing(const SshGuessing&) = delete;
  SshGuessing& operator=(const SshGuessing&) = delete;

 private:
  struct Client {
    uint64_t failures = 0;
    std::vector<IpAddress> servers;  // of the first failures
  };
  void see(const SeenRecord& r);

  const NoticeOptions& options_;
  NoticeLog& notices_;
  ExpiringMap<Client> clients_;
};

/// TCP connections that fail (no answer, refused, or reset by the originator before any data): different hosts at one port, or different
/// ports of one host, within a window that begins with the first. Follows kCapacity pairs of originator and port, and as many of
/// originator and responder; of more, the oldest is forgotten. Belongs to the log thread.
class ScanNotices {
 public:
  static constexpr size_t kCapacity = 32'768;

  /// All outlive this object; the options may change meanwhile.
  ScanNotices(const NoticeOptions& options, NoticeLog& notices, WatchList& watch);
  ScanNotices(const ScanNotices&) = delete;
  ScanNotices& operator=(const ScanNotices&) = delete;

 private:
  template <class Target>
  struct Scan {
    TimeNs begun_ns = 0;
    std::vector<Target> targets;  // different ones, as many as make a scan
  };
  template <class Record>
  void see(const SeenRecord& r);
  void count_host(const IpAddress& scanner, const IpAddress& host, uint16_t port, TimeNs now);
  void count_port(const IpAddress& scanner, const IpAddress& host, uint16_t port, TimeNs now);

  const NoticeOptions& options_;
  NoticeLog& notices_;
  ExpiringMap<Scan<IpAddress>> addresses_;  // by scanner and port
  ExpiringMap<Scan<uint16_t>> ports_;       // by scanner and host
};

}  // namespace sensor
