#include "src/session/documents.h"

#include <algorithm>
#include <utility>

#include "dpi/ocsp/ocsp.h"
#include "sensor/base/memo.h"
#include "sensor/record/decoder.h"
#include "sensor/record/ocsp.h"
#include "sensor/record/weird.h"
#include "sensor/record/x509.h"

namespace sensor {
namespace {

constexpr std::string_view kCertificateType = "application/pkix-cert";
constexpr std::string_view kOcspType = "application/ocsp-response";

/// What everybody sends is parsed once: by each worker, for all its connections. Null: it is no such document.
template <class Parsed>
using ParsedDocuments = Memo<std::shared_ptr<Parsed>>;
constexpr size_t kKnownCertificates = 4096, kKnownOcspResponses = 1024;
constexpr size_t kMaxKnownBytes = 16 * 1024;  // of one; it is kept as well

/// Years have four digits, so that no moment is too far.
FarTime time_of(int64_t seconds) {
  return {seconds * (kSecond / kMicrosecond)};
}

std::optional<FarTime> time_unless_zero(int64_t seconds) {
  return seconds == 0 ? std::nullopt : std::optional(time_of(seconds));
}

template <class T>
std::optional<std::vector<T>> unless_empty(const std::vector<T>& list) {
  return list.empty() ? std::nullopt : std::optional(list);
}

/// Complete but for where the certificate was seen.
X509Record make_record(const x509::Certificate& cert) {
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
  return r;
}

/// A weird about a file belongs to no connection and names the file.
void file_weird(RecordWriter& records, const DocumentOrigin& origin, std::string_view name, std::string_view detail = {}) {
  WeirdRecord w;
  w.ts = {origin.due_ns};
  w.name = name;
  w.addl = to_string(origin.fuid);
  if (!detail.empty()) *w.addl += ": " + std::string(detail);
  w.scope = static_cast<uint64_t>(WeirdScope::File);
  records.write(origin.due_ns, origin.conn, w);
}

void log_ocsp_response(RecordWriter& records, const DocumentOrigin& origin, Bytes der) {
  using States = std::vector<ocsp::CertificateState>;
  thread_local ParsedDocuments<const States> known(kKnownOcspResponses, kMaxKnownBytes);
  const auto states = known.get(as_chars(der), [&] {
    auto parsed = ocsp::parse_response(der);
    return parsed ? std::make_shared<const States>(std::move(*parsed)) : nullptr;
  });
  if (!states) {
    file_weird(records, origin, "openssl_ocsp_response_parse_error");
    return;
  }
  for (const ocsp::CertificateState& s : *states) {
    OcspRecord r;
    r.ts = {origin.begun_ns};
    r.id = origin.fuid;
    r.hash_algorithm = s.hash_algorithm;
    r.issuer_name_hash = s.issuer_name_hash;
    r.issuer_key_hash = s.issuer_key_hash;
    r.serial_number = s.serial;
    r.cert_status = s.status;
    r.revoke_time = time_unless_zero(s.revoked_at_s);
    if (!s.revocation_reason.empty()) r.revoke_reason = s.revocation_reason;
    r.this_update = time_of(s.this_update_s);
    r.next_update = time_unless_zero(s.next_update_s);
    records.write(origin.due_ns, origin.conn, r);
  }
}

}  // namespace

bool is_document(std::string_view mime_type) {
  return mime_type == kCertificateType || mime_type == kOcspType;
}

void log_document(RecordWriter& records, const DocumentOrigin& origin, std::string_view mime_type, Bytes content) {
  if (mime_type == kCertificateType) (void)log_certificate(records, origin, {.host = false, .client = origin.is_orig}, content);
  if (mime_type == kOcspType) log_ocsp_response(records, origin, content);
}

std::shared_ptr<const x509::Certificate> log_certificate(RecordWriter& records, const DocumentOrigin& origin, CertificateRole role,
                                                         Bytes der) {
  struct CertificateAndRow {
    std::shared_ptr<const x509::Certificate> certificate;
    X509Record row;
  };
  thread_local ParsedDocuments<CertificateAndRow> known(kKnownCertificates, kMaxKnownBytes);
  const auto found = known.get(as_chars(der), [&]() -> std::shared_ptr<CertificateAndRow> {
    auto certificate = x509::parse_certificate(der);
    if (!certificate) return nullptr;
    X509Record row = make_record(*certificate);
    return std::make_shared<CertificateAndRow>(std::move(certificate), std::move(row));
  });
  if (!found) {
    file_weird(records, origin, "x509_cert_parse_error");
    return nullptr;
  }
  for (const x509::Oddity& o : found->certificate->oddities) file_weird(records, origin, o.name, o.detail);
  found->row.ts = {origin.begun_ns};
  found->row.host_cert = role.host;
  found->row.client_cert = role.client;
  records.write(origin.due_ns, origin.conn, found->row);
  return found->certificate;
}

}  // namespace sensor
