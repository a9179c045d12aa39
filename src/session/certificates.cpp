#include "src/session/certificates.h"

#include <algorithm>
#include <cstring>
#include <limits>

#include "sensor/base/hash.h"
#include "sensor/record/decoder.h"
#include "sensor/record/weird.h"
#include "sensor/record/x509.h"

namespace sensor {
namespace {

constexpr size_t kCachedCertificates = 4096;

/// Years outside 1678 to 2261 do not fit into nanoseconds; the nearest moment stands for them.
Time time_of(int64_t seconds) {
  constexpr int64_t kLimit = std::numeric_limits<TimeNs>::max() / kSecond;
  return {std::clamp(seconds, -kLimit, kLimit) * kSecond};
}

template <class T>
std::optional<std::vector<T>> unless_empty(const std::vector<T>& list) {
  return list.empty() ? std::nullopt : std::optional(list);
}

X509Record make_record(const x509::Certificate& cert, CertificateRole role) {
  X509Record r;
  r.fingerprint = cert.fingerprint;
  r.version = cert.version;
  r.serial = cert.serial;
  r.subject = cert.subject;
  r.issuer = cert.issuer;
  r.not_valid_before = time_of(cert.not_before_s);
  r.not_valid_after = time_of(cert.not_after_s);
  r.key_alg = cert.key_algorithm;
  r.sig_alg = cert.signature_algorithm;
  r.key_type = cert.key_type;
  if (cert.key_bits != 0) r.key_length = cert.key_bits;
  r.exponent = cert.exponent;
  r.curve = cert.curve;
  r.san_dns = unless_empty(cert.dns);
  r.san_uri = unless_empty(cert.uris);
  r.san_email = unless_empty(cert.emails);
  r.san_ip = unless_empty(cert.addresses);
  if (cert.has_basic_constraints) r.basic_constraints_ca = cert.is_ca;
  r.basic_constraints_path_len = cert.path_length;
  r.host_cert = role.host;
  r.client_cert = role.client;
  return r;
}

uint64_t first_word(const x509::Digest& d) {
  uint64_t v;
  std::memcpy(&v, d.data(), sizeof v);
  return v;
}

/// A weird about a file belongs to no connection and names the file.
void file_weird(AnalyzerContext& c, const x509::Digest& digest, std::string_view name, std::string_view detail) {
  const Uid& conn = c.conn().uid;
  WeirdRecord w;
  w.ts = {c.now()};
  w.name = name;
  w.addl = to_string(Uid{mix64(conn.hi, first_word(digest)), conn.lo, 'F'});
  if (!detail.empty()) *w.addl += ": " + std::string(detail);
  w.scope = static_cast<uint64_t>(WeirdScope::File);
  c.records().write(c.now(), conn, w);
}

}  // namespace

size_t CertificateCache::DigestHash::operator()(const x509::Digest& d) const {
  return first_word(d);
}

std::shared_ptr<const x509::Certificate> CertificateCache::get(const x509::Digest& digest, Bytes der) {
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

std::shared_ptr<const x509::Certificate> log_certificate(AnalyzerContext& c, Bytes der, CertificateRole role) {
  // One per worker: analyzers of all its connections share it, other workers have their own.
  thread_local CertificateCache cache(kCachedCertificates);
  const x509::Digest digest = x509::sha256(der);
  auto certificate = cache.get(digest, der);
  if (!certificate) {
    file_weird(c, digest, "x509_cert_parse_error", {});
    return nullptr;
  }
  for (const x509::Oddity& o : certificate->oddities) file_weird(c, digest, o.name, o.detail);
  X509Record r = make_record(*certificate, role);
  r.ts = {c.now()};
  c.records().write(c.now(), c.conn().uid, r);
  return certificate;
}

}  // namespace sensor
