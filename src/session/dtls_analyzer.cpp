#include "src/session/dtls_analyzer.h"

#include <algorithm>

namespace sensor {

using namespace tls;

namespace {

/// After this many records of unknown version the connection is taken not to be DTLS.
constexpr uint16_t kMaxUnknownVersions = 10;

bool is_unified_header(uint8_t first) {
  return (first & 0xe0) == 0x20;
}

}  // namespace

void DtlsAnalyzer::on_data(AnalyzerContext& c, Direction d, Bytes datagram) {
  if (finished_ || is_stun(datagram)) return;
  ByteReader r(datagram);
  while (!r.empty() && !finished_) {
    if (read_record(c, d, r)) continue;
    row_.violation(c, "malformed DTLS record");
    break;
  }
  if (handshake_.gave_up()) finished_ = true;
  if (row_.violated()) row_.finish(c);
  if (finished_) c.done();
}

void DtlsAnalyzer::on_finish(AnalyzerContext& c) {
  row_.finish(c);
}

bool DtlsAnalyzer::read_record(AnalyzerContext& c, Direction d, ByteReader& r) {
  DtlsRecord record;
  record.content_type = r.u8();
  if (handshake_.negotiated_version() == version::kDtls13 && is_unified_header(record.content_type)) {
    r.skip(r.remaining());
    unified_record(c, d);
    return true;
  }
  if (!parse_dtls_record(r, record)) return false;
  if (!is_dtls_record_version(record.version)) {
    r.skip(r.remaining());
    unknown_version(c);
    return true;
  }
  if (handshake_.confirmed()) unknown_versions_ = 0;
  if (record.epoch == 0) return plaintext(c, d, record);
  if (!record.fragment.empty() && records_.ciphertext(c)) finished_ = true;
  return true;
}

/// There is no change cipher spec to go by: a record from each side shows the handshake to be over.
void DtlsAnalyzer::unified_record(AnalyzerContext& c, Direction d) {
  records_.start_encryption(d);
  if (records_.ciphertext(c)) finished_ = true;
}

void DtlsAnalyzer::unknown_version(AnalyzerContext& c) {
  unknown_versions_++;
  if (handshake_.confirmed() && !version_violation_reported_) {
    version_violation_reported_ = true;
    row_.violation(c, "invalid version in DTLS connection");
  }
  if (unknown_versions_ > kMaxUnknownVersions) finished_ = true;
}

bool DtlsAnalyzer::plaintext(AnalyzerContext& c, Direction d, const DtlsRecord& record) {
  ByteReader r(record.fragment);
  while (!r.empty()) {
    if (record.content_type != content::kHandshake) {
      if (!records_.plaintext(c, d, record.content_type, r)) return false;
      continue;
    }
    if (!handshake_fragment(c, d, record)) return false;
    row_.plaintext_record(c, record.content_type);
    break;
  }
  return r.ok();
}

bool DtlsAnalyzer::handshake_fragment(AnalyzerContext& c, Direction d, const DtlsRecord& record) {
  DtlsFragment f;
  if (!parse_dtls_fragment(record.fragment, f)) return false;
  if (f.is_whole()) {
    feed(c, d, f, f.data);
    return true;
  }
  DtlsReassembly& reassembly = reassembly_[index(d)];
  switch (reassembly.add(f, record.sequence)) {
    case DtlsReassembly::Verdict::Complete:
      feed(c, d, f, reassembly.message());
      break;
    case DtlsReassembly::Verdict::NeedMore:
      break;
    case DtlsReassembly::Verdict::Malformed:
      row_.violation(c, "DTLS handshake fragment out of place");
      break;
  }
  return true;
}

void DtlsAnalyzer::feed(AnalyzerContext& c, Direction d, const DtlsFragment& f, Bytes body) {
  const std::array<uint8_t, 4> header{f.type, static_cast<uint8_t>(f.message_length >> 16), static_cast<uint8_t>(f.message_length >> 8),
                                      static_cast<uint8_t>(f.message_length)};
  std::vector<uint8_t> message(header.begin(), header.end());
  message.insert(message.end(), body.begin(), body.end());
  handshake_.feed(c, d, message);
}

Probe probe_dtls(const ProbeInput& in) {
  const bool hello = match_dtls_client(in.orig) == Match::Yes || match_dtls_client(in.resp) == Match::Yes;
  return hello ? Probe::Certain : Probe::NotForUs;
}

}  // namespace sensor
