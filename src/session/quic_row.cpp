#include "src/session/quic_row.h"

#include <cctype>

#include "sensor/base/hex.h"
#include "src/session/zeek_text.h"

namespace sensor {
namespace {

constexpr size_t kMaxHistory = 100;

}  // namespace

void QuicRow::start(AnalyzerContext& c, Direction d, const quic::Packet& p) {
  if (!record_) {
    record_.emplace();
    static_cast<ConnHeader&>(*record_) = c.conn();
    record_->ts = {c.now()};
    record_->version = quic::version_name(p.version);
  }
  if (d == Direction::Orig) {
    if (!p.destination_id.empty() && !record_->client_initial_dcid) record_->client_initial_dcid = hex(p.destination_id);
    record_->client_scid = hex(p.source_id);
  } else {
    record_->server_scid = hex(p.source_id);
  }
}

void QuicRow::add_history(AnalyzerContext& c, Direction d, char letter) {
  if (record_->history.size() == kMaxHistory) return;
  record_->history += d == Direction::Orig ? static_cast<char>(std::toupper(letter)) : letter;
  if (record_->history.size() == kMaxHistory) c.weird("QUIC_max_history_length_reached", {}, {});
}

void QuicRow::packet(AnalyzerContext& c, Direction d, const quic::Packet& p, char letter) {
  start(c, d, p);
  add_history(c, d, letter);
}

void QuicRow::last_packet(AnalyzerContext& c, Direction d, const quic::Packet& p, char letter) {
  if (!record_) start(c, d, p);
  add_history(c, d, letter);
  finish(c);
}

void QuicRow::connection_close(AnalyzerContext& c, Direction d) {
  if (!record_) return;
  add_history(c, d, 'c');
  finish(c);
}

void QuicRow::client_hello(AnalyzerContext& c, const tls::ClientHello& hello, bool whole) {
  if (!record_) return;
  const auto& names = hello.extensions.server_names;
  if (names && !names->empty()) record_->server_name = names->front();
  const auto& protocols = hello.extensions.alpn;
  if (protocols && !protocols->empty()) {
    record_->client_protocol = protocols->front();
    if (protocols->size() > 1) c.weird("QUIC_many_protocols", vector_text(*protocols), {});
  }
  if (whole) add_history(c, Direction::Orig, 's');
}

void QuicRow::server_hello(AnalyzerContext& c) {
  if (record_) add_history(c, Direction::Resp, 's');
}

void QuicRow::fingerprints(const HelloFingerprints& f) {
  if (!record_) return;
  if (!f.ja3.empty()) record_->ja3 = f.ja3;
  if (!f.ja3s.empty()) record_->ja3s = f.ja3s;
  if (!f.ja4.empty()) record_->ja4 = f.ja4;
}

void QuicRow::finish(AnalyzerContext& c) {
  if (!record_) return;
  c.records().write(c.now(), record_->uid, *record_);
  record_.reset();
}

}  // namespace sensor
