#include "tls_notices.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <ctime>

#include "sensor/record/ssl.h"

namespace sensor {
namespace {

/// Versions of ssl.log from the oldest on; DTLS stands beside the version of TLS that it was made from (RFC 4347, RFC 6347, RFC 9147).
/// The drafts of TLS 1.3 and what is not known count as new.
struct KnownVersion {
  std::string_view name;
  int rank;
};
constexpr auto kVersions =
    std::to_array<KnownVersion>({{"SSLv2", 0}, {"SSLv3", 1}, {"TLSv10", 2}, {"TLSv11", 3}, {"DTLSv10", 3}, {"TLSv12", 4}, {"DTLSv12", 4}});
constexpr int kNewest = 5;
constexpr std::string_view kMinimumNames[] = {"TLSv10", "TLSv11", "TLSv12", "TLSv13"};

int rank_of(std::string_view version) {
  const auto* v = std::ranges::find(kVersions, version, &KnownVersion::name);
  return v == kVersions.end() ? kNewest : v->rank;
}

int rank_of(MinimumTls minimum) {
  return static_cast<int>(minimum) + 2;
}

/// As Zeek writes moments in texts, in UTC.
std::string moment(TimeNs t) {
  const std::time_t seconds = t / kSecond;
  std::tm utc{};
  std::array<char, 64> text{};
  if (gmtime_r(&seconds, &utc) == nullptr) return fmt::format("{}", seconds);
  const size_t n = std::strftime(text.data(), text.size(), "%Y-%m-%d-%H:%M:%S", &utc);
  return std::string(text.data(), n) + ".000000000";
}

/// OpenSSL's texts and numbers of what is wrong with a certificate; the first that it would find.
struct Verdict {
  int code;
  std::string_view text;
};
Verdict validate(const CertificateMemory::Certificate& c, TimeNs now) {
  if (c.subject == c.issuer) return {18, "self-signed certificate"};
  if (c.not_before_ns > now) return {9, "certificate is not yet valid"};
  if (c.not_after_ns < now) return {10, "certificate has expired"};
  return {0, "ok"};
}

}  // namespace

TlsNotices::TlsNotices(const NoticeOptions& options, NoticeLog& notices, CertificateMemory& certificates, WatchList& watch)
    : options_(options), notices_(notices), certificates_(certificates) {
  watch.add<SslRecord>([this](const SeenRecord& r) { see(r); });
}

void TlsNotices::see(const SeenRecord& r) {
  if (!notices_.optional_ones()) return;
  const Cell& host = r.cells[column<SslRecord>("id.resp_h")];
  const bool chosen = matches(options_.servers, host.address());
  const std::string server = host.address().to_string() + " " + std::to_string(r.cells[column<SslRecord>("id.resp_p")].number);
  if (chosen) judge_strength(r, server);
  if (r.cells[column<SslRecord>("established")].number != 0) judge_certificate(r, server, chosen);
}

void TlsNotices::judge_strength(const SeenRecord& r, const std::string& server) {
  const Cell &version = r.cells[column<SslRecord>("version")], &cipher = r.cells[column<SslRecord>("cipher")];
  if (!cipher.present) return;  // the server chose nothing
  if (version.present && rank_of(version.chars()) < rank_of(options_.minimum_tls)) {
    NoticeRecord n = about_connection(r.cells);
    n.msg = fmt::format("Host uses protocol version {} which is lower than the safe minimum {}", version.chars(),
                        kMinimumNames[static_cast<size_t>(options_.minimum_tls)]);
    notices_.raise(NoticeKind::SslOldVersion, r.due_ns, server, std::move(n));
  }
  const std::string_view name = cipher.chars();
  if (name.find("_EXPORT_") != std::string_view::npos || name.find("_RC4_") != std::string_view::npos) {
    NoticeRecord n = about_connection(r.cells);
    n.msg = fmt::format("Host established connection using unsafe cipher suite {}", name);
    notices_.raise(NoticeKind::SslWeakCipher, r.due_ns, fmt::format("{} {}", server, name), std::move(n));
  }
}

void TlsNotices::judge_certificate(const SeenRecord& r, const std::string& server, bool chosen) {
  const std::string fingerprint = first_string(r.cells[column<SslRecord>("cert_chain_fps")]);
  const CertificateMemory::Certificate* c = fingerprint.empty() ? nullptr : certificates_.find(fingerprint, r.due_ns);
  if (c == nullptr) return;
  if (chosen) {
    judge_dates(r, *c, fmt::format("{} {}", server, fingerprint));
    judge_key(r, *c, server, fingerprint);
  }
  const Verdict verdict = validate(*c, r.due_ns);
  if (verdict.code == 0) return;
  NoticeRecord n = about_connection(r.cells);
  n.fuid = r.cells[column<SslRecord>("cert_fuid")].uid();
  n.msg = fmt::format("SSL certificate validation failed with ({})", verdict.text);
  n.sub = c->subject;
  notices_.raise(NoticeKind::SslInvalidServerCert, r.due_ns, fmt::format("{} {} {}", server, fingerprint, verdict.code), std::move(n));
}

void TlsNotices::judge_dates(const SeenRecord& r, const CertificateMemory::Certificate& c, const std::string& identifier) {
  NoticeRecord n = about_connection(r.cells);
  n.fuid = r.cells[column<SslRecord>("cert_fuid")].uid();
  if (c.not_before_ns > r.due_ns) {
    n.msg = fmt::format("Certificate {} isn't valid until {}", c.subject, moment(c.not_before_ns));
    notices_.raise(NoticeKind::SslCertificateNotValidYet, r.due_ns, identifier, std::move(n));
  } else if (c.not_after_ns < r.due_ns) {
    n.msg = fmt::format("Certificate {} expired at {}", c.subject, moment(c.not_after_ns));
    notices_.raise(NoticeKind::SslCertificateExpired, r.due_ns, identifier, std::move(n));
  } else if (c.not_after_ns - r.due_ns < options_.certificate_ends_in_ns) {
    n.msg = fmt::format("Certificate {} is going to expire at {}", c.subject, moment(c.not_after_ns));
    notices_.raise(NoticeKind::SslCertificateExpiresSoon, r.due_ns, identifier, std::move(n));
  }
}

/// Keys of elliptic curves are short and strong.
void TlsNotices::judge_key(const SeenRecord& r, const CertificateMemory::Certificate& c, const std::string& server,
                           const std::string& fingerprint) {
  if ((c.key_type != "rsa" && c.key_type != "dsa") || c.key_bits == 0 || c.key_bits >= options_.key_bits) return;
  NoticeRecord n = about_connection(r.cells);
  n.msg = fmt::format("Host uses weak certificate with {} bit key", c.key_bits);
  n.sub = fmt::format("Subject: {}", c.subject);
  n.file_desc = fmt::format("Fingerprint: {}", fingerprint);
  notices_.raise(NoticeKind::SslWeakKey, r.due_ns, fmt::format("{} {}", server, fingerprint), std::move(n));
}

}  // namespace sensor
