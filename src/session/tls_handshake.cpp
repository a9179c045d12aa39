#include "src/session/tls_handshake.h"

#include <algorithm>
#include <span>
#include <string>

#include "dpi/tls/fingerprint.h"
#include "sensor/session/file_analysis.h"
#include "src/session/documents.h"

namespace sensor {

using namespace tls;

namespace {

/// Names of a certificate with commas between them; large ones have hundreds.
std::string some_names(const x509::Certificate& certificate) {
  constexpr size_t kMaxNames = 32, kMaxBytes = 2048;
  std::string names;
  for (const std::string& name : std::span(certificate.dns).first(std::min(certificate.dns.size(), kMaxNames))) {
    if (names.size() + name.size() >= kMaxBytes) break;
    if (!names.empty()) names += ',';
    names += name;
  }
  return names;
}

}  // namespace

void TlsHandshake::feed(AnalyzerContext& c, Direction d, Bytes bytes) {
  Stream& s = streams_[index(d)];
  ByteReader r(s.held.join(bytes));
  if (consume(c, d, r)) {
    s.held.keep(r.rest());
    return;
  }
  // There is no telling where the next message begins; what the next record begins with is tried.
  s.held.clear();
  row_.violation(c, "malformed handshake message");
}

bool TlsHandshake::consume(AnalyzerContext& c, Direction d, ByteReader& r) {
  constexpr size_t kHeaderBytes = 4;
  Stream& s = streams_[index(d)];
  while (pass_over(c, d, r) && r.remaining() >= kHeaderBytes) {
    ByteReader ahead = r;
    const uint8_t type = ahead.u8();
    const uint32_t length = ahead.u24();
    if (length > kMaxMessageBytes) {
      s.to_skip = length;
      s.skipped_type = type;
      r = ahead;
      continue;
    }
    if (ahead.remaining() < length) break;
    const Bytes body = ahead.bytes(length);
    r = ahead;
    if (!message(c, d, type, body)) return false;
    row_.handshake_message(c, from_client(d), type);
  }
  return true;
}

bool TlsHandshake::pass_over(AnalyzerContext& c, Direction d, ByteReader& r) {
  Stream& s = streams_[index(d)];
  if (s.to_skip == 0) return true;
  const size_t n = std::min<uint64_t>(s.to_skip, r.remaining());
  r.skip(n);
  s.to_skip -= n;
  if (s.to_skip != 0) return false;
  row_.handshake_message(c, from_client(d), s.skipped_type);
  return true;
}

void TlsHandshake::expect_sender(AnalyzerContext& c, Direction sender, Direction d) {
  if ((sender == Direction::Orig) == from_client(d)) return;
  const bool back_again = flipped_;
  flipped_ = !flipped_;
  row_.direction_flipped(c);
  if (back_again && !unclear_direction_reported_) {
    unclear_direction_reported_ = true;
    c.weird("SSL_unclear_connection_direction", {}, analyzer_name());
  }
}

bool TlsHandshake::message(AnalyzerContext& c, Direction d, uint8_t type, Bytes body) {
  switch (type) {
    case handshake::kHelloRequest:
      expect_sender(c, Direction::Resp, d);
      return true;
    case handshake::kClientHello:
      expect_sender(c, Direction::Orig, d);
      return client_hello(c, body);
    case handshake::kServerHello:
      expect_sender(c, Direction::Resp, d);
      return server_hello(c, body);
    case handshake::kHelloVerifyRequest:
      return check_hello_verify_request(body);
    case handshake::kNewSessionTicket:
      return check_new_session_ticket(body);
    case handshake::kCertificate: {
      std::vector<Bytes> chain;
      if (!parse_certificate_chain(body, chain)) return false;
      certificates(c, d, chain);
      return true;
    }
    case handshake::kServerKeyExchange:
      return server_key_exchange(c, body);
    case handshake::kCertificateRequest:
      return check_certificate_request(body, signatures_name_algorithm());
    case handshake::kCertificateStatus:
      return certificate_status(c, body);
    case handshake::kServerHelloDone:
    case handshake::kCertificateVerify:
    case handshake::kClientKeyExchange:
    case handshake::kFinished:
    case handshake::kCertificateUrl:
      return true;
    default:
      row_.violation(c, "unknown handshake message");
      return true;
  }
}

void TlsHandshake::judge_client_version(AnalyzerContext& c, uint16_t version) {
  if (is_known_version(version)) {
    confirmed_ = true;
    c.confirm(service());
    return;
  }
  gave_up_ = true;
  row_.violation(c, "unsupported client SSL version");
}

bool TlsHandshake::client_hello(AnalyzerContext& c, Bytes body) {
  ClientHello hello;
  const bool whole = parse_client_hello(body, hello);
  if (observer_ != nullptr) observer_->on_client_hello(c, hello, whole);
  row_.extensions(c, Hello::Client, hello.extensions);
  if (!whole) return false;
  if (fingerprints_.ja3.empty()) {
    const Carrier udp = flavor_ == Flavor::Dtls ? Carrier::Dtls : Carrier::Quic;
    fingerprints_.ja3 = ja3(hello);
    fingerprints_.ja4 = ja4(hello, c.transport() == Transport::Tcp ? Carrier::Tcp : udp);
    tell_fingerprints();
  }
  judge_client_version(c, hello.version);
  row_.client_hello(c, hello.session_id);
  return true;
}

void TlsHandshake::tell_fingerprints() {
  row_.fingerprints(fingerprints_);
  if (observer_ != nullptr) observer_->on_fingerprints(fingerprints_);
}

void TlsHandshake::set_version(uint16_t v) {
  if (version_ == version::kUnknown) version_ = v;
}

bool TlsHandshake::server_hello(AnalyzerContext& c, Bytes body) {
  ServerHello hello;
  const bool whole = parse_server_hello(body, hello);
  if (hello.extensions.selected_version) set_version(*hello.extensions.selected_version);
  row_.extensions(c, Hello::Server, hello.extensions);
  if (!whole) return false;
  cipher_suite_ = hello.cipher_suite;
  set_version(hello.version);
  if (!is_known_version(hello.version)) {
    gave_up_ = true;
    row_.violation(c, "unsupported server SSL version");
  }
  if (!hello.hello_retry_request && fingerprints_.ja3s.empty()) {
    fingerprints_.ja3s = ja3s(hello);
    tell_fingerprints();
  }
  row_.server_hello(c, hello);
  if (observer_ != nullptr) observer_->on_server_hello(c);
  return true;
}

void TlsHandshake::certificates(AnalyzerContext& c, Direction d, const std::vector<Bytes>& chain) {
  const bool client = from_client(d);
  for (size_t i = 0; i < chain.size(); i++) {
    if (chain[i].empty()) {
      c.weird("zero_length_certificate", {}, analyzer_name());
      continue;
    }
    const Uid& conn = c.conn().uid;
    const DocumentOrigin origin{FileAnalysis::fuid(conn, analyzer_name(), i, client), conn, c.now(), c.now(), client};
    const auto certificate = log_certificate(c.records(), origin, {.host = i == 0, .client = client}, chain[i]);
    row_.certificate(c, client, origin.fuid, certificate);
    // A client that does not say whom it calls is told by the server.
    const bool answers = i == 0 && !client && !row_.server_named();
    if (answers && certificate != nullptr && !certificate->dns.empty()) c.hostname(some_names(*certificate));
  }
}

bool TlsHandshake::certificate_status(AnalyzerContext& c, Bytes body) {
  constexpr uint8_t kOcsp = 1;
  CertificateStatus status;
  if (!parse_certificate_status(body, status)) return false;
  if (status.response.empty()) c.weird("SSL_zero_length_stapled_OCSP_message", {}, analyzer_name());
  if (status.type == kOcsp && !status.response.empty()) log_stapled_response(c, status.response);
  return true;
}

/// A stapled response is a file like one that a browser fetches.
void TlsHandshake::log_stapled_response(AnalyzerContext& c, Bytes response) {
  FileMeta meta;
  meta.fuid = FileAnalysis::fuid(c.conn().uid, "OCSP", 0, false);
  meta.source = analyzer_name();
  meta.mime_type = "application/ocsp-response";
  const FileHandle file = c.files().open(c, meta).handle;
  c.files().data(c, file, response);
  c.files().close(c, file);
}

bool TlsHandshake::server_key_exchange(AnalyzerContext& c, Bytes body) {
  std::optional<uint16_t> group;
  if (!parse_server_key_exchange(body, key_exchange(cipher_suite_), signatures_name_algorithm(), group)) return false;
  if (group) row_.curve(c, *group);
  return true;
}

}  // namespace sensor
