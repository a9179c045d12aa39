// Notices about TLS: certificates, versions, ciphers and keys.
#pragma once

#include "../certificate_memory.h"
#include "notice_log.h"

namespace sensor {

/// Judges a handshake when its row in ssl.log is due: at its end. What a certificate chain is worth is judged by the server's own
/// certificate alone: there is no store of trusted roots here. Belongs to the log thread.
class TlsNotices {
 public:
  /// All outlive this object; the options may change meanwhile.
  TlsNotices(const NoticeOptions& options, NoticeLog& notices, CertificateMemory& certificates, WatchList& watch);
  TlsNotices(const TlsNotices&) = delete;
  TlsNotices& operator=(const TlsNotices&) = delete;

 private:
  void see(const SeenRecord& r);
  void judge_strength(const SeenRecord& r, const std::string& server);
  void judge_certificate(const SeenRecord& r, const std::string& server, bool chosen);
  void judge_dates(const SeenRecord& r, const CertificateMemory::Certificate& c, const std::string& identifier);
  void judge_key(const SeenRecord& r, const CertificateMemory::Certificate& c, const std::string& server, const std::string& fingerprint);

  const NoticeOptions& options_;
  NoticeLog& notices_;
  CertificateMemory& certificates_;
};

}  // namespace sensor
