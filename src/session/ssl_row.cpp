#include "src/session/ssl_row.h"

#include <algorithm>
#include <cctype>

#include "dpi/tls/names.h"
#include "dpi/tls/record.h"
#include "src/session/zeek_text.h"

namespace sensor {
namespace {

constexpr size_t kMaxHistory = 100;
constexpr char kUnassigned = 'z';

/// The letter of a handshake message; see ssl_history in docs/LOGS.md.
char history_letter(uint8_t type) {
  using namespace tls::handshake;
  switch (type) {
    case kHelloRequest:
      return 'h';
    case kClientHello:
      return 'c';
    case kServerHello:
      return 's';
    case kHelloVerifyRequest:
      return 'v';
    case kNewSessionTicket:
      return 't';
    case kEndOfEarlyData:
      return 'e';
    case kHelloRetryRequest:
      return 'j';
    case kEncryptedExtensions:
      return 'o';
    case kCertificate:
      return 'x';
    case kServerKeyExchange:
      return 'k';
    case kCertificateRequest:
      return 'r';
    case kServerHelloDone:
      return 'n';
    case kCertificateVerify:
      return 'y';
    case kClientKeyExchange:
      return 'g';
    case kFinished:
      return 'f';
    case kCertificateUrl:
      return 'w';
    case kCertificateStatus:
      return 'u';
    case kSupplementalData:
      return 'a';
    case kKeyUpdate:
      return 'p';
    case kMessageHash:
      return 'm';
    default:
      return kUnassigned;
  }
}

/// In TLS 1.3 and its drafts servers echo the session id to look like TLS 1.2 (RFC 8446 appendix D.4); it tells nothing.
bool session_id_means_resumption(uint16_t version) {
  return version != tls::version::kTls13 && version / 0xff != 0x7f;
}

}  // namespace

void SslRow::start(AnalyzerContext& c) {
  if (started_) return;
  started_ = true;
  static_cast<ConnHeader&>(record_) = c.conn();
  record_.ts = {c.now()};
}

void SslRow::add_history(AnalyzerContext& c, bool from_client, char letter) {
  if (record_.ssl_history.size() == kMaxHistory) return;
  record_.ssl_history += from_client ? static_cast<char>(std::toupper(letter)) : letter;
  if (record_.ssl_history.size() == kMaxHistory) c.weird("SSL_max_ssl_history_length_reached", {}, {});
}

void SslRow::set_version(uint16_t version) {
  has_version_ = true;
  version_ = version;
  record_.version = tls::version_name(version);
}

void SslRow::extensions(AnalyzerContext& c, tls::Hello hello, const tls::Extensions& e) {
  const bool client = hello == tls::Hello::Client;
  if (e.unknown_server_name_type) c.weird("ssl_ext_unknown_server_name_type", std::to_string(*e.unknown_server_name_type), "SSL");
  if (e.count == 0 && !e.server_names && !e.alpn) return;
  start(c);
  if (client && e.server_names && !e.server_names->empty()) {
    record_.server_name = e.server_names->front();
    c.hostname(*record_.server_name);
    if (e.server_names->size() > 1) c.weird("SSL_many_server_names", vector_text(*e.server_names), {});
  }
  if (client) {
    if (e.session_ticket) ticket_without_session_id_ = true;
    if (e.pre_shared_key) client_psk_ = true;
    return;
  }
  if (e.alpn && !e.alpn->empty()) record_.next_protocol = e.alpn->front();
  if (e.selected_version) set_version(*e.selected_version);
  if (e.selected_group) record_.curve = tls::curve_name(*e.selected_group);
  if (e.pre_shared_key && client_psk_) record_.resumed = true;
}

void SslRow::client_hello(AnalyzerContext& c, const tls::SessionId& session_id) {
  start(c);
  if (session_id == tls::SessionId{}) return;
  session_id_ = session_id;
  has_session_id_ = true;
  ticket_without_session_id_ = false;
}

void SslRow::server_hello(AnalyzerContext& c, const tls::ServerHello& hello) {
  start(c);
  if (!has_version_) set_version(hello.version);
  record_.cipher = tls::cipher_name(hello.cipher_suite);
  if (hello.hello_retry_request) retry_request_ = true;
  if (has_session_id_ && session_id_ == hello.session_id && session_id_means_resumption(version_)) record_.resumed = true;
}

void SslRow::fingerprints(const HelloFingerprints& f) {
  if (!f.ja3.empty()) record_.ja3 = f.ja3;
  if (!f.ja3s.empty()) record_.ja3s = f.ja3s;
  if (!f.ja4.empty()) record_.ja4 = f.ja4;
}

void SslRow::ssl2_client_hello(AnalyzerContext& c, const tls::SessionId& session_id) {
  client_hello(c, session_id);
  add_history(c, true, 'c');
}

void SslRow::ssl2_server_hello(AnalyzerContext& c, uint16_t version, uint32_t cipher) {
  start(c);
  if (!has_version_) set_version(version);
  record_.cipher = tls::cipher_name(cipher);
  add_history(c, false, 's');
}

void SslRow::handshake_message(AnalyzerContext& c, bool from_client, uint8_t type) {
  start(c);
  if (from_client && type == tls::handshake::kClientKeyExchange) client_key_exchange_ = true;
  char letter = history_letter(type);
  if (type == tls::handshake::kServerHello && retry_request_) {
    letter = 'j';
    retry_request_ = false;
  }
  add_history(c, from_client, letter);
}

void SslRow::change_cipher_spec(AnalyzerContext& c, bool from_client) {
  start(c);
  add_history(c, from_client, 'i');
  // RFC 5077 section 3.4: the server accepted the ticket, so no keys were exchanged.
  if (from_client && ticket_without_session_id_ && !client_key_exchange_) record_.resumed = true;
}

void SslRow::alert(AnalyzerContext& c, bool from_client, uint32_t description) {
  start(c);
  add_history(c, from_client, 'l');
  record_.last_alert = tls::alert_name(description);
}

void SslRow::heartbeat(AnalyzerContext& c, bool from_client) {
  start(c);
  add_history(c, from_client, 'b');
}

void SslRow::plaintext_record(AnalyzerContext& c, uint16_t content_type) {
  start(c);
  if (content_type == tls::content::kApplicationData && has_version_ && !record_.established) c.weird("ssl_early_application_data", {}, {});
}

void SslRow::curve(AnalyzerContext& c, uint16_t group) {
  start(c);
  record_.curve = tls::curve_name(group);
}

void SslRow::certificate(AnalyzerContext& c, bool from_client, const Uid& file, std::shared_ptr<const x509::Certificate> certificate) {
  start(c);
  has_certificates_ = true;
  if (!from_client && server_chain_.empty()) record_.cert_fuid = file;
  (from_client ? client_chain_ : server_chain_).push_back(std::move(certificate));
}

void SslRow::direction_flipped(AnalyzerContext& c) {
  start(c);
  record_.ssl_history += '^';
}

void SslRow::established(AnalyzerContext& c) {
  start(c);
  record_.established = true;
  finish(c);
}

void SslRow::violation(AnalyzerContext& c, std::string_view reason) {
  violated_ = true;
  finish(c);
  c.violation(reason);
}

void SslRow::add_chains() {
  if (!has_certificates_) return;
  const auto fingerprints = [](const Chain& chain) {
    std::vector<std::string> out;
    for (const auto& certificate : chain) {
      if (certificate) out.push_back(certificate->fingerprint);
    }
    return out;
  };
  record_.cert_chain_fps = fingerprints(server_chain_);
  record_.client_cert_chain_fps = fingerprints(client_chain_);
  if (!server_chain_.empty() && server_chain_.front() && record_.server_name) {
    record_.sni_matches_cert = server_chain_.front()->matches_host(*record_.server_name);
  }
}

void SslRow::finish(AnalyzerContext& c) {
  if (!started_ || logged_) return;
  logged_ = true;
  add_chains();
  c.records().write(c.now(), record_.uid, record_);
  server_chain_.clear();
  client_chain_.clear();
}

}  // namespace sensor
