#include "src/session/tls_stream.h"

#include <algorithm>

namespace sensor {

using namespace tls;

void TlsStream::on_data(AnalyzerContext& c, Direction d, Bytes bytes) {
  if (finished_) return;
  Side& s = sides_[index(d)];
  ByteReader r(s.held.join(bytes));
  if (consume(c, d, r)) {
    s.held.keep(r.rest());
    return;
  }
  s.held.clear();
  if (!finished_) row_.violation(c, "malformed TLS record");
}

bool TlsStream::consume(AnalyzerContext& c, Direction d, ByteReader& r) {
  Side& s = sides_[index(d)];
  while (pass_over(c, d, r) && r.remaining() >= kRecordHeaderBytes) {
    ByteReader ahead = r;
    tls::RecordHeader h;
    if (layer_.read_header(ahead.bytes(kRecordHeaderBytes), d == Direction::Orig, h) != RecordLayer::Verdict::Ok) {
      give_up(c, "not a TLS record");
      return false;
    }
    begin_encryption_with_data(d, h.content_type);
    if (records_.encrypted(d) && h.length != 0) {
      s.to_skip = h.length;
      r = ahead;
      continue;
    }
    if (ahead.remaining() < h.length) break;
    const ByteReader record = ahead.sub(h.length);
    r = ahead;
    if (!read_record(c, d, h, record)) return false;
    if (handshake_.gave_up()) finished_ = true;
    if (finished_) return false;
  }
  return !finished_;
}

bool TlsStream::pass_over(AnalyzerContext& c, Direction d, ByteReader& r) {
  Side& s = sides_[index(d)];
  if (s.to_skip == 0) return true;
  const size_t n = std::min<size_t>(s.to_skip, r.remaining());
  r.skip(n);
  s.to_skip -= static_cast<uint32_t>(n);
  if (s.to_skip != 0) return false;
  finished_ = records_.ciphertext(c);
  return !finished_;
}

void TlsStream::begin_encryption_with_data(Direction d, uint16_t content_type) {
  if (content_type != content::kApplicationData) return;
  switch (handshake_.negotiated_version()) {
    case version::kSsl2:
    case version::kSsl3:
    case version::kTls10:
    case version::kTls11:
    case version::kTls12:
      return;
    default:
      records_.start_encryption(d);
  }
}

bool TlsStream::read_record(AnalyzerContext& c, Direction d, const tls::RecordHeader& h, ByteReader r) {
  while (!r.empty()) {
    if (records_.encrypted(d)) {
      finished_ = records_.ciphertext(c);
      return true;
    }
    if (!read_piece(c, d, h, r) || finished_) return false;
  }
  return r.ok();
}

bool TlsStream::read_piece(AnalyzerContext& c, Direction d, const tls::RecordHeader& h, ByteReader& r) {
  switch (h.content_type) {
    case content::kHandshake:
      handshake_.feed(c, d, r.rest());
      r.skip(r.remaining());
      break;
    case content::kV2ClientHello:
      if (!ssl2_client_hello(c, h.ssl2_head, r)) return false;
      break;
    case content::kV2ServerHello:
      if (!ssl2_server_hello(c, d, r)) return false;
      break;
    case content::kV2ClientMasterKey:
      if (!ssl2_client_master_key(c, r)) return false;
      break;
    case content::kV2Error:
      r.skip(r.remaining());
      row_.alert(c, handshake_.from_client(d), h.ssl2_head);
      break;
    default:
      return records_.plaintext(c, d, h.content_type, r);
  }
  row_.plaintext_record(c, h.content_type);
  return true;
}

bool TlsStream::ssl2_client_hello(AnalyzerContext& c, uint16_t head, ByteReader& r) {
  V2ClientHello hello;
  if (!parse_v2_client_hello(r, head, hello)) return false;
  handshake_.judge_client_version(c, hello.version);
  row_.ssl2_client_hello(c, make_session_id(hello.session_id));
  return true;
}

bool TlsStream::ssl2_server_hello(AnalyzerContext& c, Direction d, ByteReader& r) {
  V2ServerHello hello;
  if (!parse_v2_server_hello(r, hello)) return false;
  if (hello.version != version::kSsl2) {
    give_up(c, "invalid version in SSLv2 server hello");
    return true;
  }
  row_.ssl2_server_hello(c, hello.version, hello.first_cipher);
  handshake_.certificates(c, d, {hello.certificate});
  return true;
}

/// Both sides encrypt from here on, and the server has nothing more to agree to.
bool TlsStream::ssl2_client_master_key(AnalyzerContext& c, ByteReader& r) {
  if (!parse_v2_client_master_key(r)) return false;
  records_.start_encryption(Direction::Orig);
  records_.start_encryption(Direction::Resp);
  row_.established(c);
  finished_ = true;
  return true;
}

void TlsStream::give_up(AnalyzerContext& c, std::string_view reason) {
  finished_ = true;
  row_.violation(c, reason);
}

}  // namespace sensor
