#include "starttls_analyzer.h"

namespace sensor {
namespace {

/// Bytes of both directions after which an unrecognised carrier is given up.
constexpr size_t kMaxEarlyBytes = 8192;

/// Of clients and of servers.
bool is_xmpp_port(uint16_t port) {
  return port == 5222 || port == 5269;
}

}  // namespace

Probe probe_starttls(const ProbeInput& in) {
  switch (starttls::recognise(in.orig, in.resp, is_xmpp_port(in.resp_port)).match) {
    case starttls::Match::Yes:
      return Probe::Certain;
    case starttls::Match::Unsure:
      return Probe::Unsure;
    case starttls::Match::No:
      break;
  }
  return Probe::NotForUs;
}

/// The session replays what the probe saw, piece by piece; the carrier is certain with the last of them.
bool StarttlsAnalyzer::recognise(AnalyzerContext& c, Direction d, Bytes bytes) {
  early_.push_back({d, std::string(as_chars(bytes))});
  prefix_[index(d)] += as_chars(bytes);
  const auto [match, carrier] = starttls::recognise(as_bytes(prefix_[0]), as_bytes(prefix_[1]), is_xmpp_port(c.conn().resp_p.number));
  if (match == starttls::Match::Yes) watcher_.emplace(carrier);
  if (prefix_[0].size() + prefix_[1].size() > kMaxEarlyBytes) c.done();
  return watcher_.has_value();
}

void StarttlsAnalyzer::on_data(AnalyzerContext& c, Direction d, Bytes bytes) {
  if (watcher_) return watch(c, d, bytes);
  if (!recognise(c, d, bytes)) return;
  const auto early = std::exchange(early_, {});
  prefix_ = {};
  for (const Piece& piece : early) watch(c, piece.direction, as_bytes(piece.bytes));
}

void StarttlsAnalyzer::watch(AnalyzerContext& c, Direction d, Bytes bytes) {
  const starttls::Outcome out = watcher_->feed(d == Direction::Orig, bytes);
  if (watcher_->confirmed()) c.confirm(starttls::service_name(watcher_->carrier()));
  for (const std::string_view name : out.weirds) c.weird(name, {}, watcher_->carrier() == starttls::Carrier::Xmpp ? "XMPP" : "IMAP");
  if (out.state == starttls::Outcome::State::NeedMore) return;
  if (out.state == starttls::Outcome::State::Upgraded) c.start(ProtocolId::Tls, d, bytes.subspan(out.consumed));
  c.done();
}

void StarttlsAnalyzer::on_gap(AnalyzerContext& c, Direction, uint64_t) {
  c.done();
}

}  // namespace sensor
