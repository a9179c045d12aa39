#include "src/session/kerberos_exchange.h"

#include <string>

#include "sensor/session/file_analysis.h"
#include "src/session/asn1_weird.h"
#include "src/session/documents.h"

namespace sensor {
namespace {

constexpr int64_t kSecondUs = kSecond / kMicrosecond;

}  // namespace

bool KerberosExchange::read(AnalyzerContext& c, Bytes bytes, std::string_view source) {
  kerberos::Message m;
  size_t wide_integer = 0;
  if (!kerberos::read_message(bytes, m, wide_integer)) return false;
  if (wide_integer != 0) asn1_weird(c, "asn_binary_to_int64_shift_too_large", wide_integer);
  source_ = source;
  std::visit([&](const auto& body) { on(c, body); }, m);
  return true;
}

KerberosRecord& KerberosExchange::row(AnalyzerContext& c) {
  if (row_) return *row_;
  static_cast<ConnHeader&>(row_.emplace()) = c.conn();
  row_->ts = Time{c.now()};
  return *row_;
}

void KerberosExchange::certificates(AnalyzerContext& c, bool is_orig, Bytes der) {
  const Uid& conn = c.conn().uid;
  const DocumentOrigin origin{FileAnalysis::fuid(conn, source_, files_++, is_orig), conn, c.now(), c.now(), is_orig};
  const auto certificate = log_certificate(c.records(), origin, {.host = true, .client = is_orig}, der);
  KerberosRecord& r = row(c);
  (is_orig ? r.client_cert_fuid : r.server_cert_fuid) = origin.fuid;
  if (certificate != nullptr) (is_orig ? r.client_cert_subject : r.server_cert_subject) = certificate->subject;
}

void KerberosExchange::on(AnalyzerContext& c, const kerberos::Request& m) {
  if (m.certificates) certificates(c, true, *m.certificates);
  for (size_t i = 0; i < m.malformed_addresses; i++) c.weird("invalid_kerberos_addr_len", {}, source_);
  KerberosRecord& r = row(c);
  r.request_type = m.for_ticket_granting ? "TGS" : "AS";
  if (!m.for_ticket_granting) r.client = m.client.value_or("") + "/" + m.realm.value_or("");
  if (m.service) r.service = m.service;
  if (m.from) r.from = FarTime{*m.from * kSecondUs};
  if (m.till) r.till = FarTime{*m.till * kSecondUs};
  if (m.forwardable) r.forwardable = m.forwardable;
  if (m.renewable) r.renewable = m.renewable;
}

void KerberosExchange::on(AnalyzerContext& c, const kerberos::Reply& m) {
  if (m.certificates) certificates(c, false, *m.certificates);
  KerberosRecord& r = row(c);
  if (!r.client) r.client = m.client + "/" + m.realm;
  r.service = m.service;
  const std::string_view cipher = kerberos::cipher_name(m.cipher);
  r.cipher = !cipher.empty() ? std::string(cipher) : "unknown-" + std::to_string(m.cipher);
  r.success = true;
  write(c);
}

/// That the server wants to know more of the client is no failure: the client asks again.
void KerberosExchange::on(AnalyzerContext& c, const kerberos::Error& m) {
  KerberosRecord& r = row(c);
  if (!written_ && (m.text == "NEEDED_PREAUTH" || m.text == "Need to use PA-ENC-TIMESTAMP/PA-PK-AS-REQ")) {
    row_.reset();
    return;
  }
  if (!r.client && (m.client || m.client_realm)) r.client = (m.client ? *m.client + "/" : "") + m.client_realm.value_or("");
  if (m.service) r.service = m.service;
  r.success = false;
  if (m.text) {
    r.error_msg = m.text;
  } else if (const std::string_view name = kerberos::error_name(m.code); !name.empty()) {
    r.error_msg = name;
  }
  write(c);
}

void KerberosExchange::write(AnalyzerContext& c) {
  if (!row_ || written_) return;
  written_ = true;
  c.records().write(c.now(), row_->uid, *row_);
}

}  // namespace sensor
