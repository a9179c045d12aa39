#include "src/session/ssh_analyzer.h"

#include <utility>

#include "sensor/net/local_networks.h"

namespace sensor {
namespace {

constexpr std::string_view kSource = "SSH";

std::string cut(std::string text) {
  if (text.size() > SshAnalyzer::kMaxText) text.resize(SshAnalyzer::kMaxText);
  return text;
}

}  // namespace

void SshAnalyzer::on_data(AnalyzerContext& c, Direction d, Bytes bytes) {
  c_ = &c;
  if (reader_.stopped()) return finish(c);  // a violation that the session did not act upon
  reader_.feed(d == Direction::Orig, bytes);
  if (over_ || (reader_.all_encrypted() && !sizes_tell())) finish(c);
}

void SshAnalyzer::on_gap(AnalyzerContext& c, Direction, uint64_t) {
  finish(c);
}

void SshAnalyzer::on_eof(AnalyzerContext& c, Direction d) {
  c_ = &c;
  ended_[index(d)] = true;
  if (ended_[0] && ended_[1]) finish(c);
}

void SshAnalyzer::on_finish(AnalyzerContext& c) {
  const auto row = std::exchange(row_, std::nullopt);
  if (row) c.records().write(c.now(), row->uid, *row);
}

void SshAnalyzer::finish(AnalyzerContext& c) {
  on_finish(c);
  c.done();
}

SshRecord& SshAnalyzer::row() {
  if (row_) return *row_;
  static_cast<ConnHeader&>(row_.emplace()) = c_->conn();
  row_->ts = Time{c_->now()};
  const bool orig_local = is_local_address(row_->orig_h), resp_local = is_local_address(row_->resp_h);
  if (orig_local != resp_local) row_->direction = EnumName{orig_local ? "OUTBOUND" : "INBOUND"};
  return *row_;
}

void SshAnalyzer::on_identification(bool from_client, std::string_view text) {
  SshRecord& r = row();
  (from_client ? r.client : r.server) = text;
  if (r.client && r.server) set_version(r);
}

void SshAnalyzer::set_version(SshRecord& r) {
  constexpr size_t kMajor = 4;
  const ssh::Dialect client = ssh::dialect(*r.client), server = ssh::dialect(*r.server);
  const unsigned version = ssh::agreed_version(client, server);
  if (version != 0) r.version = version;
  const std::string both = *r.server + " vs " + *r.client;
  if (r.client->size() <= kMajor || r.server->size() <= kMajor) {
    c_->weird("SSH_cannot_determine_version", both, {});
  } else if (version == 0 && client != ssh::Dialect::Unknown && server != ssh::Dialect::Unknown) {
    c_->weird("SSH_version_mismatch", both, {});
  }
}

void SshAnalyzer::on_kexinit(bool from_client, const ssh::Kexinit& offer) {
  SshRecord& r = row();
  auto& hassh = from_client ? r.hassh : r.hassh_server;
  if (!hassh) hassh = ssh::hassh(offer, from_client);
}

void SshAnalyzer::on_negotiated(const ssh::Kexinit& client, const ssh::Kexinit& server) {
  SshRecord& r = row();
  r.cipher_alg = cut(ssh::negotiate(client.cipher, server.cipher));
  r.mac_alg = cut(ssh::negotiate(client.mac, server.mac));
  r.compression_alg = cut(ssh::negotiate(client.compression, server.compression));
  r.kex_alg = cut(ssh::negotiate(client.kex, server.kex));
  r.host_key_alg = cut(ssh::negotiate(client.host_key, server.host_key));
  compressed_ = r.compression_alg == "zlib" || r.compression_alg == "zlib@openssh.com";
}

void SshAnalyzer::on_host_key(std::string fingerprint) {
  row().host_key = std::move(fingerprint);
}

void SshAnalyzer::on_keys() {
  row();
  c_->confirm("ssh");
  c_->allow_idle(60 * kMinute);
}

bool SshAnalyzer::sizes_tell() const {
  return reader_.version() == 2 && !compressed_;
}

void SshAnalyzer::on_encrypted(bool from_client, size_t bytes) {
  if (over_ || !row_ || !sizes_tell()) return;
  const std::optional<bool> success = guess_.on_segment(from_client, bytes);
  if (!success) return;
  row_->auth_success = *success;
  row_->auth_attempts++;
  over_ = *success;
}

void SshAnalyzer::on_weird(std::string_view name, std::string_view addl) {
  c_->weird(name, addl, kSource);
}

void SshAnalyzer::on_limit(std::string_view name, uint64_t found, uint64_t limit) {
  c_->add_history('X');
  c_->weird(name, std::to_string(found) + " > " + std::to_string(limit), kSource);
}

Probe probe_ssh(const ProbeInput& in) {
  switch (ssh::looks_like(in.orig, in.resp)) {
    case ssh::Match::Yes:
      return Probe::Certain;
    case ssh::Match::Unsure:
      return Probe::Unsure;
    case ssh::Match::No:
      break;
  }
  return Probe::NotForUs;
}

}  // namespace sensor
